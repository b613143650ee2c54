"""Comparing strategies on recorded examples, offline: datasets, metrics, scores side by side."""

from __future__ import annotations

from codeanatomy.workflow.memory.experiments.comparing import (
    Comparison,
    Outcome,
    compare_strategies,
    run_experiment,
)
from codeanatomy.workflow.memory.experiments.datasets import (
    Dataset,
    Example,
    dataset_from_list,
    load_dataset,
)
from codeanatomy.workflow.memory.experiments.metrics import (
    METRICS,
    completeness,
    completeness_score,
    f1,
    f1_score,
    jaccard,
    jaccard_similarity,
)

__all__ = [
    "METRICS",
    "Comparison",
    "Dataset",
    "Example",
    "Outcome",
    "compare_strategies",
    "completeness",
    "completeness_score",
    "dataset_from_list",
    "f1",
    "f1_score",
    "jaccard",
    "jaccard_similarity",
    "load_dataset",
    "run_experiment",
]
