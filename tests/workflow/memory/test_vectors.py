"""Texts found by the nearness of their vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.memory.database import open_database
from codeanatomy.workflow.memory.errors import VectorError
from codeanatomy.workflow.memory.vectors import (
    Item,
    MemoryVectorIndex,
    TableVectorIndex,
    VectorIndex,
    cosine,
    paired,
    passes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ITEMS = [
    Item("east", "to the east", [1.0, 0.0], {"n": 1, "kind": "way"}),
    Item("north", "to the north", [0.0, 2.0], {"n": 2, "kind": "way"}),
    Item("between", "north-east", [1.0, 1.0], {"n": 3}),
]


@pytest.fixture(params=["memory", ":memory:", "duckdb:///:memory:", "postgres_space"])
def index(request: pytest.FixtureRequest) -> Iterator[VectorIndex]:
    """Open each index in turn, filled."""
    server = request.param == "postgres_space"
    where = request.getfixturevalue(request.param) if server else request.param
    memory = where == "memory"
    made: VectorIndex = MemoryVectorIndex() if memory else TableVectorIndex(open_database(where))
    made.add(ITEMS)
    yield made
    made.close()


def test_the_nearest_come_first(index: VectorIndex) -> None:
    """By the angle, not by the length."""
    hits = index.query([0.0, 1.0], k=2)
    assert [hit.item.id for hit in hits] == ["north", "between"]
    assert [hit.score for hit in hits] == pytest.approx([1.0, 0.5**0.5])


def test_metadata_choose_who_is_compared(index: VectorIndex) -> None:
    """The k nearest are those of the chosen."""
    hits = index.query([0.0, 1.0], k=1, wanted={"n_lt": 2})
    assert [hit.item.id for hit in hits] == ["east"]


def test_an_id_again_replaces_the_item(index: VectorIndex) -> None:
    """The text, the vector and the metadata."""
    index.add([Item("east", "now west", [-1.0, 0.0], {})])
    assert index.get(["east"]) == [Item("east", "now west", [-1.0, 0.0], {})]
    assert len(index.items()) == 3


def test_deleting_counts_what_was_there(index: VectorIndex) -> None:
    """Unknown ids are no error."""
    assert index.delete(["east", "nobody"]) == 1
    assert {item.id for item in index.items()} == {"north", "between"}


def test_collections_are_apart(index: VectorIndex) -> None:
    """Each may have its own length of vectors."""
    index.add([Item("x", "", [1.0, 2.0, 3.0], {})], "other")
    assert [hit.item.id for hit in index.query([1, 1, 1], collection="other")] == ["x"]
    assert index.query([1.0], collection="nothing") == []


def test_a_vector_of_another_length_is_refused(index: VectorIndex) -> None:
    """When it is put in, and when it is asked with."""
    with pytest.raises(VectorError, match="one length"):
        index.add([Item("x", "", [1.0], {})])
    with pytest.raises(VectorError, match="3 dimensions"):
        index.query([1.0, 2.0, 3.0])


def test_a_table_keeps_its_vectors(tmp_path: Path) -> None:
    """Opened again, they are found."""
    first = TableVectorIndex(open_database(str(tmp_path / "v.db")))
    first.add(ITEMS)
    first.close()
    again = TableVectorIndex(open_database(str(tmp_path / "v.db")))
    assert [hit.item for hit in again.query([0.0, 1.0], k=1)] == [ITEMS[1]]
    again.close()


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        (None, True),
        ({"n": 2}, True),
        ({"n": 3}, False),
        ({"n_gte": 2, "n_lte": 2}, True),
        ({"n_gt": 2}, False),
        ({"n_lt": 3}, True),
        ({"n_ne": 2}, False),
        ({"missing_ne": 2}, True),
        ({"n_in": [1, 2]}, True),
        ({"n_in": [1]}, False),
        ({"missing_gt": 0}, False),
        ({"kind_gt": 1}, False),
        ({"size_in": "exact"}, True),
        ({"missing": None}, False),
    ],
)
def test_filters(wanted: dict[str, Any] | None, holds: object) -> None:
    """Suffixes compare; a key that is there is itself; what has no order is not in it."""
    metadata = {"n": 2, "kind": "way", "size_in": "exact"}
    assert passes(metadata, wanted) is holds


def test_items_come_from_parallel_lists() -> None:
    """Ids are made where none are given; unequal lists are an error that counts them."""
    made = list(paired(["a", "b"], [[1.0], [2.0]], None, None))
    assert len({item.id for item in made}) == 2
    with pytest.raises(VectorError, match="'texts': 2, 'embeddings': 1"):
        list(paired(["a", "b"], [[1.0]], None, None))


def test_a_vector_without_length_is_near_nothing() -> None:
    """No division by zero."""
    assert (cosine([0, 0], [1, 0]), cosine([1, 0], [-1, 0])) == (0.0, -1.0)
