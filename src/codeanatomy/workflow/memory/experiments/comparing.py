"""Running strategies over a dataset and putting their scores side by side."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import UnknownNameError
from codeanatomy.workflow.memory.experiments.metrics import METRICS, Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.memory.experiments.datasets import Dataset, Example

Strategy = Any  # Callable[[dict], dict], or a compiled graph: what has `invoke`


class UnknownMetricError(UnknownNameError):
    """A metric was asked for by a name that none has."""

    code = "experiment-metric"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one strategy made of one example; a failure scores 0 everywhere."""

    strategy: str
    example: str
    output: dict[str, Any]
    scores: dict[str, float]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All outcomes, and what they say of each strategy."""

    dataset: str
    outcomes: tuple[Outcome, ...]

    def means(self) -> dict[str, dict[str, float]]:
        """Return the mean of each metric for each strategy."""
        found: dict[str, dict[str, float]] = {}
        for strategy in dict.fromkeys(o.strategy for o in self.outcomes):
            rows = [o.scores for o in self.outcomes if o.strategy == strategy]
            found[strategy] = {m: sum(r[m] for r in rows) / len(rows) for m in rows[0]}
        return found

    def best(self, metric: str) -> str:
        """Return the strategy with the highest mean; the first of equals."""
        means = self.means()
        return max(means, key=lambda strategy: means[strategy][metric])

    def failures(self) -> list[Outcome]:
        """List the outcomes of strategies that raised."""
        return [outcome for outcome in self.outcomes if outcome.error is not None]

    def table(self) -> str:
        """Return the means as a Markdown table, a row a strategy."""
        means = self.means()
        metrics = list(next(iter(means.values()), {}))
        head = f"| strategy | {' | '.join(metrics)} |"
        rule = "|---" * (len(metrics) + 1) + "|"
        rows = [
            f"| {name} | {' | '.join(f'{scores[m]:.3f}' for m in metrics)} |"
            for name, scores in means.items()
        ]
        return "\n".join([head, rule, *rows])


def run_experiment(
    strategy: Strategy,
    dataset: Dataset,
    metrics: list[str] | Mapping[str, Metric] | None = None,
    name: str = "strategy",
) -> Comparison:
    """Run one strategy over a dataset."""
    return compare_strategies({name: strategy}, dataset, metrics)


def compare_strategies(
    strategies: Mapping[str, Strategy],
    dataset: Dataset,
    metrics: list[str] | Mapping[str, Metric] | None = None,
) -> Comparison:
    """Run each strategy over each example; none sees what another did to an input."""
    measures = _measures(metrics)
    outcomes = [
        _outcome(name, strategy, example, measures)
        for name, strategy in strategies.items()
        for example in dataset
    ]
    return Comparison(dataset.name, tuple(outcomes))


def _measures(metrics: list[str] | Mapping[str, Metric] | None) -> dict[str, Metric]:
    if metrics is None:
        return dict(METRICS)
    if not isinstance(metrics, list):
        return dict(metrics)
    if unknown := sorted(set(metrics) - set(METRICS)):
        msg = f"no metric {unknown}; there are {sorted(METRICS)}, or pass name and function"
        raise UnknownMetricError(msg, metrics=unknown)
    return {name: METRICS[name] for name in metrics}


def _outcome(
    name: str, strategy: Strategy, example: Example, measures: Mapping[str, Metric]
) -> Outcome:
    try:
        output = _output(strategy, copy.deepcopy(example.input))
    except Exception as error:  # noqa: BLE001 - a failure is a result of the experiment
        return Outcome(name, example.name, {}, dict.fromkeys(measures, 0.0), str(error))
    scores = {key: float(measure(output, example.expected)) for key, measure in measures.items()}
    return Outcome(name, example.name, output, scores)


def _output(strategy: Strategy, given: dict[str, Any]) -> dict[str, Any]:
    invoke: Callable[[dict[str, Any]], Any] | None = getattr(strategy, "invoke", None)
    if invoke is None:
        return dict(strategy(given))
    last: dict[str, Any] = {"type": "nothing", "error": "the graph gave no event"}
    for event in invoke(given):
        last = event
    if last["type"] != "final":
        raise RuntimeError(str(last.get("error") or f"the run ended with {last['type']}"))
    return dict(last["state"])
