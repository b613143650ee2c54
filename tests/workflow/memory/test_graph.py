"""Entities, relations, and the queries that find them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.workflow.memory.cypher import Query, read_query
from codeanatomy.workflow.memory.database import open_database
from codeanatomy.workflow.memory.errors import PatternError
from codeanatomy.workflow.memory.graph import Entity, GraphMemory, Relation
from codeanatomy.workflow.memory.matching import ask_cypher, ask_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator


PEOPLE = [
    Entity("ann", "Person", ["Admin"], {"name": "Ann", "age": 41}),
    Entity("bob", "Person", [], {"name": "Bob", "age": 30}),
    Entity("cat", "Person", [], {"name": "Cat's"}),
    Entity("acme", "Company", [], {"name": "Acme"}),
]
RELATIONS = [
    Relation("ann", "bob", "KNOWS", {"since": 2001}),
    Relation("bob", "cat", "KNOWS", {"since": 2010}),
    Relation("ann", "acme", "WORKS_AT", {}),
    Relation("bob", "acme", "WORKS_AT", {}),
]


@pytest.fixture(params=[":memory:", "duckdb:///:memory:", "postgres_space"])
def graph(request: pytest.FixtureRequest) -> Iterator[GraphMemory]:
    """Open graph memory on each database, filled."""
    server = request.param == "postgres_space"
    where = request.getfixturevalue(request.param) if server else request.param
    made = GraphMemory(open_database(where))
    for number, person in enumerate(PEOPLE):
        made.put(person, [1.0, float(number)])
    for relation in RELATIONS:
        made.relate(relation)
    yield made
    made.close()


def test_what_is_put_again_is_replaced(graph: GraphMemory) -> None:
    """It says that it is not new, and its vector stays."""
    assert graph.put(PEOPLE[0]._replace(properties={})) is False
    assert graph.entity("ann") == Entity("ann", "Person", ["Admin"], {})
    assert graph.has_vector("ann")
    assert graph.relate(RELATIONS[0]) is False


def test_removing_takes_the_relations_along(graph: GraphMemory) -> None:
    """Unless it is told not to: then it refuses."""
    with pytest.raises(PatternError, match="still has relations"):
        graph.remove("ann", detach=False)
    assert (graph.remove("ann"), graph.remove("ann")) == (True, False)
    assert [r.source for r in graph.relations()] == ["bob", "bob"]
    assert not graph.has_vector("ann")


def test_what_is_around(graph: GraphMemory) -> None:
    """By hops, directions aside."""
    names, crossed = graph.around(["cat"], 1)
    assert (names, crossed) == (["cat", "bob"], [RELATIONS[1]])
    assert set(graph.around(["cat"], 2)[0]) == {"cat", "bob", "ann", "acme"}


def test_the_nearest_by_vector(graph: GraphMemory) -> None:
    """A threshold leaves out what is too far."""
    found = graph.nearest([1.0, 0.0], limit=2)
    assert [entity.id for entity, _ in found] == ["ann", "bob"]
    assert len(graph.nearest([1.0, 0.0], threshold=0.99)) == 1


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("MATCH (p:Person) RETURN p.name ORDER BY p.name", ["Ann", "Bob", "Cat's"]),
        ("MATCH (p:Person {name: 'Ann'}) RETURN p.age", [41]),
        ("MATCH (p:Admin) RETURN p.id", ["ann"]),
        ("MATCH (p {id: 'bob'}) RETURN p.name", ["Bob"]),
        ("match (a:Person)-[:KNOWS]->(b) return b.id order by b.id", ["bob", "cat"]),
        ("MATCH (a {id: 'bob'})<-[:KNOWS]-(b) RETURN b.id", ["ann"]),
        ("MATCH (a {id: 'bob'})-[:KNOWS]-(b) RETURN b.id ORDER BY b.id", ["ann", "cat"]),
        ("MATCH (a)-[:KNOWS]->(b)-[:KNOWS]->(c) RETURN c.id", ["cat"]),
        ("MATCH (a)-[r:KNOWS|WORKS_AT]->(b {id: 'acme'}) RETURN type(r)", ["WORKS_AT"] * 2),
        ("MATCH (a)-[r {since: 2010}]->(b) RETURN id(a)", ["bob"]),
        ("MATCH (a)-[:WORKS_AT]->(c)<-[:WORKS_AT]-(b) WHERE a.id < b.id RETURN b.id", ["bob"]),
        ("MATCH (p) WHERE p.age >= 30 AND NOT p.name = 'Ann' RETURN p.id", ["bob"]),
        ('MATCH (p) WHERE p.age > 40 OR p.name CONTAINS "\'s" RETURN p.id', ["ann", "cat"]),
        ("MATCH (p) WHERE p.name STARTS WITH 'A' AND p.name ENDS WITH 'n' RETURN p.id", ["ann"]),
        ("MATCH (p:Person) WHERE p.age IS NULL RETURN p.id", ["cat"]),
        ("MATCH (p) WHERE p.age IS NOT NULL RETURN p.id", ["ann", "bob"]),
        ("MATCH (p) WHERE p.id IN ['ann', $who] RETURN p.id", ["ann", "cat"]),
        ("MATCH (p:Person) WHERE (p.age = 41 OR p.age = 30) RETURN p.id ORDER BY p.age", None),
        ("MATCH (p:Person) RETURN p.id ORDER BY p.age DESC SKIP 1 LIMIT 1;", ["ann"]),
        ("MATCH (a)-[:WORKS_AT]->(c) RETURN DISTINCT c.name", ["Acme"]),
        ("MATCH (p:Person) RETURN count(*)", [3]),
        ("MATCH (p:Nobody) RETURN count(p) AS n", [0]),
        ("MATCH (p:Nobody) RETURN p", []),
        ("MATCH (p) WHERE p.age = -1 RETURN p.id", []),
        ("MATCH (p:Admin) RETURN labels(p)", [["Person", "Admin"]]),
    ],
)
def test_cypher(graph: GraphMemory, query: str, rows: list[Any] | None) -> None:
    """One column of the rows that a query gives."""
    found = [next(iter(row.values())) for row in ask_cypher(graph, query, {"who": "cat"}, 100)]
    assert found == (["bob", "ann"] if rows is None else rows)


WORDS = "MATCH ( ) [ ] { } : , . - -> <- = <> a b RETURN WHERE NOT AND IN 'x' 1 $p LIMIT |".split()


@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_any_words_are_read_or_refused(words: list[str]) -> None:
    """Never anything else."""
    found: object = None
    with suppress(PatternError):
        found = read_query(" ".join(words), {"p": 1})
    assert found is None or isinstance(found, Query)


@pytest.mark.parametrize("text", ["(" * 100_000, "NOT " * 100_000, "[" * 100_000])
def test_a_deep_query_is_refused(text: str) -> None:
    """Without taking the process down."""
    with pytest.raises(PatternError):
        read_query(f"MATCH (a) WHERE {text}", {})


def test_columns_are_named_as_written(graph: GraphMemory) -> None:
    """Or as `AS` says; a whole entity shows id, type and properties."""
    query = "MATCH (p {id: 'acme'}) RETURN p, p.name, p.name AS called"
    shown = {"id": "acme", "type": "Company", "properties": {"name": "Acme"}}
    found = ask_cypher(graph, query, {}, 10)
    assert found == [{"p": shown, "p.name": "Acme", "called": "Acme"}]


def test_counts_are_by_group(graph: GraphMemory) -> None:
    """And can be ordered by."""
    query = "MATCH (a)-[r]->(b) RETURN type(r) AS kind, count(*) AS n ORDER BY kind DESC"
    assert ask_cypher(graph, query, {}, 10) == [
        {"kind": "WORKS_AT", "n": 2},
        {"kind": "KNOWS", "n": 2},
    ]
    query = "MATCH (a)-[:WORKS_AT]->(b) RETURN a.id, count(*) AS n ORDER BY n LIMIT 1"
    assert ask_cypher(graph, query, {}, 10) == [{"a.id": "ann", "n": 1}]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("CREATE (a)", "expected MATCH at column 1"),
        ("MATCH (a", "expected"),
        ("MATCH (a) RETURN", "expected a value"),
        ("MATCH (a) RETURN b.x", "variable 'b' is not in the MATCH"),
        ("MATCH (a) WHERE a.x = $y RETURN a", r"parameter \$y is not given"),
        ("MATCH (a) RETURN a; DROP", "cannot read"),
        ("MATCH (a) RETURN a LIMIT 'x'", "expected a number of rows"),
        ("MATCH (a) RETURN a UNION MATCH (b) RETURN b", "expected the end of the query"),
        ("MATCH (a) WHERE a.x ~ 1 RETURN a", "cannot read"),
    ],
)
def test_what_is_not_read_is_refused(graph: GraphMemory, query: str, text: str) -> None:
    """The message says where, and what would be read."""
    with pytest.raises(PatternError, match=text):
        ask_cypher(graph, query, {}, 10)


@pytest.mark.parametrize(
    ("pattern", "ids"),
    [
        ({"entity_type": "Person"}, ["ann", "bob", "cat"]),
        ({"entity_id": "bob"}, ["bob"]),
        ({"entity_type": "Person", "properties": {"age": 30}}, ["bob"]),
        ({"relation_type": "KNOWS"}, ["bob", "cat"]),
        ({"from_entity": "ann"}, ["acme", "bob"]),
        ({"from_entity": "ann", "to_entity": "bob"}, ["bob"]),
        ({"to_entity": "acme", "relation_type": "WORKS_AT"}, ["acme", "acme"]),
        ({"relation_type": "KNOWS", "properties": {"since": 2001}}, ["bob"]),
    ],
)
def test_patterns(graph: GraphMemory, pattern: dict[str, Any], ids: list[str]) -> None:
    """A relation key asks for relations, anything else for entities."""
    found = ask_pattern(graph, pattern, 100)
    assert [one.get("id", one.get("to")) for one in found] == ids


def test_an_unknown_key_of_a_pattern_is_refused(graph: GraphMemory) -> None:
    """The message names those there are."""
    with pytest.raises(PatternError, match=r"unknown keys \['colour'\].*entity_type"):
        ask_pattern(graph, {"colour": 1}, 10)


def test_declarations_have_one_name(graph: GraphMemory) -> None:
    """Twice is refused, and they can be forgotten."""
    assert graph.declare("graph", "g", {"a": 1}) is True
    assert graph.declare("graph", "g", {"a": 2}) is False
    assert graph.declared("graph") == {"g": {"a": 1}}
    assert (graph.undeclare("graph", "g"), graph.undeclare("graph", "g")) == (True, False)


@pytest.mark.parametrize("name", ['x" ; drop table t', "a.b", "a b", ""])
def test_a_table_is_named_by_a_word(graph: GraphMemory, name: str) -> None:
    """Nothing else reaches the database."""
    with pytest.raises(PatternError, match="no name of a table"):
        graph.table(name, ["id"])


def test_a_graph_outlives_its_connection(tmp_path: Any) -> None:  # noqa: ANN401 - a Path
    """Entities, relations and vectors."""
    where = str(tmp_path / "g.db")
    first = GraphMemory(open_database(where))
    first.put(PEOPLE[0], [1.0])
    first.relate(RELATIONS[0])
    first.close()
    again = GraphMemory(open_database(where))
    assert (again.entity("ann"), again.relations()) == (PEOPLE[0], [RELATIONS[0]])
    assert again.nearest([1.0])[0][0].id == "ann"
    again.close()
