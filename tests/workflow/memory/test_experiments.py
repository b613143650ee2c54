"""Datasets, metrics, and strategies side by side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.memory import experiments as ex
from codeanatomy.workflow.memory.experiments.comparing import UnknownMetricError
from codeanatomy.workflow.memory.experiments.datasets import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ITEMS = [
    {"name": "one", "input": {"text": "a b"}, "expected": {"words": ["a", "b"]}},
    {"name": "two", "input": {"text": "c"}, "expected": {"words": ["c", "d"], "size": 1}},
]


@pytest.mark.parametrize(
    ("one", "other", "jaccard", "f1"),
    [
        ([], [], 1.0, 1.0),
        (["a"], [], 0.0, 0.0),
        (["a", "b"], ["b", "c"], 1 / 3, 0.5),
        ("ab", "ab", 1.0, 1.0),
        ([{"x": [1]}], [{"x": [1]}], 1.0, 1.0),
    ],
)
def test_set_metrics(one: Any, other: Any, jaccard: float, f1: float) -> None:  # noqa: ANN401 - any elements
    """By hand."""
    assert ex.jaccard_similarity(one, other) == pytest.approx(jaccard)
    assert ex.f1_score(one, other) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("filled", "total", "score"), [(1, 2, 0.5), (0, 0, 1.0), (3, 2, 1.0), (0, 4, 0.0)]
)
def test_completeness_score(filled: int, total: int, score: float) -> None:
    """A share, between 0 and 1."""
    assert ex.completeness_score(filled, total) == score


@pytest.mark.parametrize(
    ("output", "expected", "scores"),
    [
        ({"a": [1, 2]}, {"a": [1, 2]}, (1.0, 1.0, 1.0)),
        ({"a": [1]}, {"a": [1, 2], "b": 3}, (0.25, 1 / 3, 0.5)),
        ({"a": "The cat"}, {"a": "the dog"}, (1 / 3, 0.5, 1.0)),
        ({"a": {"x": 1}}, {"a": {"x": 1, "y": 2}}, (0.5, 2 / 3, 1.0)),
        ({}, {}, (1.0, 1.0, 1.0)),
        ({"a": ""}, {"a": "word"}, (0.0, 0.0, 0.0)),
    ],
)
def test_metrics_average_over_the_expected_keys(
    output: dict[str, Any], expected: dict[str, Any], scores: tuple[float, ...]
) -> None:
    """Lists by their items, texts by their words, mappings by their pairs."""
    found = [metric(output, expected) for metric in (ex.jaccard, ex.f1, ex.completeness)]
    assert found == pytest.approx(scores)


def test_a_dataset_is_written_and_read(tmp_path: Path) -> None:
    """As JSON lines, a JSON list, or a folder of files."""
    data = ex.dataset_from_list("words", ITEMS)
    data.save(tmp_path / "words.jsonl")
    (tmp_path / "words.json").write_text(json.dumps({"examples": ITEMS}))
    (tmp_path / "words").mkdir()
    for item in ITEMS:
        (tmp_path / "words" / f"{item['name']}.json").write_text(json.dumps(item))
    read = [ex.load_dataset(tmp_path / name) for name in ("words.jsonl", "words.json", "words")]
    assert read == [data, data, data]


@pytest.mark.parametrize("item", [{}, {"input": {}}, {"input": 1, "expected": {}}])
def test_an_example_needs_input_and_expected(item: dict[str, Any]) -> None:
    """The message counts which one lacks them."""
    with pytest.raises(DatasetError, match="example 2"):
        ex.dataset_from_list("bad", [ITEMS[0], item])


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    """With what is wrong in it."""
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(DatasetError, match="not JSON"):
        ex.load_dataset(tmp_path / "x.json")


def split(given: dict[str, Any]) -> dict[str, Any]:
    """Return the words of the text."""
    return {"words": given.pop("text").split()}


def test_strategies_are_compared() -> None:
    """Each on its own copy of each input; a failure scores nothing and says why."""

    def broken(given: dict[str, Any]) -> dict[str, Any]:
        raise ValueError(f"no {given['text']}")

    data = ex.dataset_from_list("words", ITEMS)
    found = ex.compare_strategies({"split": split, "broken": broken}, data, ["f1", "completeness"])
    assert found.means() == {
        "split": pytest.approx({"f1": (1 + 1 / 3) / 2, "completeness": 0.75}),
        "broken": {"f1": 0.0, "completeness": 0.0},
    }
    assert (found.best("f1"), [one.error for one in found.failures()]) == (
        "split",
        ["no a b", "no c"],
    )
    assert found.table().splitlines()[0] == "| strategy | f1 | completeness |"
    assert found.table().splitlines()[3] == "| broken | 0.000 | 0.000 |"
    assert ITEMS[0]["input"] == {"text": "a b"}


def test_a_graph_is_a_strategy() -> None:
    """Its last event counts: the final state, or an error."""

    class Graph:
        def invoke(self, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
            if given["text"] == "c":
                yield {"type": "error", "error": "broken", "state": {}}
            else:
                yield {"type": "final", "state": split(given)}

    found = ex.run_experiment(Graph(), ex.dataset_from_list("words", ITEMS))
    assert [(one.scores["f1"], one.error) for one in found.outcomes] == [
        (1.0, None),
        (0.0, "broken"),
    ]


def test_metrics_of_ones_own() -> None:
    """By name and function; an unknown name is an error."""
    data = ex.dataset_from_list("words", ITEMS[:1])
    found = ex.run_experiment(split, data, {"always": lambda *_: 0.5})
    assert found.means() == {"strategy": {"always": 0.5}}
    with pytest.raises(UnknownMetricError, match=r"\['magic'\]"):
        ex.run_experiment(split, data, ["magic"])
