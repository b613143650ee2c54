"""Comparing strategies on recorded examples, offline."""

from __future__ import annotations

from codeanatomy.workflow.memory.experiments import (
    METRICS,
    Comparison,
    Dataset,
    Example,
    Outcome,
    compare_strategies,
    completeness,
    completeness_score,
    dataset_from_list,
    f1,
    f1_score,
    jaccard,
    jaccard_similarity,
    load_dataset,
    run_experiment,
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
