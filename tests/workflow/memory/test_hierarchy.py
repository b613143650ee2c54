"""Entities above and below each other, and the memories that are inherited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.workflow.memory.database import open_database
from codeanatomy.workflow.memory.errors import EntityError
from codeanatomy.workflow.memory.hierarchy import EntityHierarchy, HierarchicalBackend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEVELS = ("org", "project", "user", "session")
PLACES = {
    "sqlite": ":memory:",
    "duckdb": "duckdb:///:memory:",
    "sqlalchemy": "sqlite+pysqlite:///{tmp}/h.db",
}


@pytest.fixture(params=[*PLACES, "postgresql"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EntityHierarchy]:
    """Open a hierarchy on each database: acme > alpha, beta; alpha > ann > s1."""
    server = request.param == "postgresql"
    where = request.getfixturevalue("postgres_space") if server else PLACES[request.param]
    database = open_database(where.format(tmp=tmp_path))
    made = EntityHierarchy(database, LEVELS)
    made.register_entity("org", "acme")
    made.register_entity("project", "alpha", ("org", "acme"))
    made.register_entity("project", "beta", ("org", "acme"))
    made.register_entity("user", "ann", ("project", "alpha"))
    made.register_entity("session", "s1", ("user", "ann"))
    yield made
    made.close()


def test_what_is_above_and_below_is_known(tree: EntityHierarchy) -> None:
    """The nearest first."""
    assert tree.ancestors("session", "s1") == [
        ("user", "ann"),
        ("project", "alpha"),
        ("org", "acme"),
    ]
    assert tree.descendants("project", "alpha") == [("user", "ann"), ("session", "s1")]
    assert tree.children("org", "acme") == [("project", "alpha"), ("project", "beta")]
    assert tree.parent("org", "acme") is None


def test_registering_again_changes_what_is_given(tree: EntityHierarchy) -> None:
    """It says that it was there; another parent moves it."""
    again = tree.register_entity("user", "ann", metadata={"age": 3})
    assert (again["created"], tree.parent("user", "ann")) == (False, ("project", "alpha"))
    tree.register_entity("user", "ann", ("project", "beta"))
    found = tree.entity("user", "ann")
    assert found is not None
    assert (found["parent"], found["metadata"]) == (("project", "beta"), {"age": 3})
    assert tree.ancestors("session", "s1")[1] == ("project", "beta")


def test_entries_are_inherited_from_above(tree: EntityHierarchy) -> None:
    """One's own first, then those of the nearest above; siblings are not asked."""
    tree.associate_entry("rule", "org", "acme")
    tree.associate_entry("plan", "project", "alpha")
    tree.associate_entry("secret", "project", "beta")
    tree.associate_entry("note", "session", "s1")
    tree.associate_entry("note", "session", "s1")
    entries = tree.get_entries_for_entity
    assert entries("session", "s1") == ["note", "plan", "rule"]
    assert entries("session", "s1", include_inherited=False) == ["note"]
    assert entries("org", "acme", include_descendants=True) == ["rule", "plan", "secret", "note"]


def test_a_moved_entity_inherits_from_its_new_place(tree: EntityHierarchy) -> None:
    """All below it move along."""
    tree.associate_entry("plan", "project", "alpha")
    tree.associate_entry("secret", "project", "beta")
    tree.move("user", "ann", ("project", "beta"))
    assert tree.get_entries_for_entity("session", "s1") == ["secret"]
    assert tree.descendants("project", "alpha") == []
    tree.move("user", "ann", None)
    assert tree.ancestors("session", "s1") == [("user", "ann")]


def test_deleting_lifts_what_is_below(tree: EntityHierarchy) -> None:
    """Its children hang under its parent."""
    assert tree.delete("project", "alpha") == 1
    assert tree.ancestors("session", "s1") == [("user", "ann"), ("org", "acme")]


def test_deleting_with_all_below(tree: EntityHierarchy) -> None:
    """And they belong to nothing any more."""
    tree.associate_entry("note", "session", "s1")
    assert tree.delete("project", "alpha", cascade=True) == 3
    assert tree.descendants("org", "acme") == [("project", "beta")]
    assert tree.get_entities_for_entry("note") == []


@pytest.mark.parametrize(
    ("kind", "name", "parent", "text"),
    [
        ("planet", "x", None, "unknown entity type 'planet'"),
        ("project", "x", ("org", "nobody"), "org:nobody is not registered"),
        ("org", "x", ("project", "alpha"), "org:x cannot stand below project:alpha"),
        ("project", "x", ("project", "alpha"), "cannot stand below"),
    ],
)
def test_what_does_not_fit_is_refused(
    tree: EntityHierarchy, kind: str, name: str, parent: tuple[str, str] | None, text: str
) -> None:
    """The message says why, and nothing is registered."""
    with pytest.raises(EntityError, match=text):
        tree.register_entity(kind, name, parent)
    assert not tree.exists(kind, name)


def test_without_levels_nothing_moves_below_itself() -> None:
    """A circle is refused."""
    tree = EntityHierarchy()
    tree.register_entity("a", "1")
    tree.register_entity("a", "2", ("a", "1"))
    with pytest.raises(EntityError, match="a:1 cannot move below itself"):
        tree.move("a", "1", ("a", "2"))
    with pytest.raises(EntityError, match="cannot move below itself"):
        tree.move("a", "1", ("a", "1"))
    assert tree.ancestors("a", "2") == [("a", "1")]
    tree.close()


def test_an_unknown_entity_has_no_entries() -> None:
    """It is an error, not an empty list."""
    tree = EntityHierarchy()
    with pytest.raises(EntityError, match="a:9 is not registered"):
        tree.get_entries_for_entity("a", "9")
    tree.close()


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=25))
def test_the_closure_is_the_walk_up(moves: list[tuple[int, int]]) -> None:
    """After any moves the stored paths say what walking from parent to parent says."""
    tree = EntityHierarchy()
    parents: dict[int, int | None] = dict.fromkeys(range(7))
    for number in parents:
        tree.register_entity("e", str(number))
    for child, parent in moves:
        if child in _up(parents, parent) or child == parent:
            with pytest.raises(EntityError):
                tree.move("e", str(child), ("e", str(parent)))
        else:
            tree.move("e", str(child), ("e", str(parent)))
            parents[child] = parent
    for number in parents:
        found = [int(name) for _, name in tree.ancestors("e", str(number))]
        assert found == _up(parents, number)
    tree.close()


def _up(parents: dict[int, int | None], number: int) -> list[int]:
    found = []
    above = parents[number]
    while above is not None:
        found.append(above)
        above = parents[above]
    return found


def test_a_memory_knows_whose_its_entries_are() -> None:
    """Metadata may name the entity; a deleted entry belongs to nobody."""
    memory = HierarchicalBackend(levels=("org", "user"))
    memory.register_entity("org", "acme")
    memory.register_entity("user", "ann", ("org", "acme"))
    memory.store("rule", "be kind", {"entity": ["org", "acme"]})
    memory.store("note", "hello")
    memory.associate_entry("note", "user", "ann")
    found = memory.get_entries_for_entity("user", "ann")
    assert [(one["key"], one["value"]) for one in found] == [("note", "hello"), ("rule", "be kind")]
    memory.delete("rule")
    assert len(memory.get_entries_for_entity("user", "ann")) == 1
    memory.close()


def test_an_entry_of_an_unknown_entity_is_refused() -> None:
    """And not stored."""
    memory = HierarchicalBackend()
    answer = memory.store("k", 1, {"entity": ["org", "nobody"]})
    assert (answer["success"], answer["error_type"]) == (False, "validation_error")
    assert memory.retrieve("k")["found"] is False
    memory.close()
