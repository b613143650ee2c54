"""What the actions on graph memory answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.kernel.errors import MissingPartError
from codeanatomy.workflow.memory.database import open_database
from codeanatomy.workflow.memory.graph import GraphMemory
from tests.workflow.fake_model import vector_of
from tests.workflow.plain_host import PlainHost, host_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Ask = Any  # Callable[..., dict]: calls an action by its last word


@pytest.fixture
def host() -> Iterator[PlainHost]:
    """Give a host with an empty graph, whose vectors count letters."""
    graph = GraphMemory(open_database(":memory:"))
    yield host_with("graph", graph_backend=graph, embedding_fn=vector_of)
    graph.close()


@pytest.fixture
def ask(host: PlainHost) -> Callable[..., Any]:
    """Return a function that calls an action."""

    def do(verb: str, **params: object) -> Any:  # noqa: ANN401 - an answer
        return host.actions_registry[f"graph.{verb}"](state={}, **params)

    return do


@pytest.fixture
def filled(ask: Ask) -> Ask:
    """Put three entities and two relations in."""
    ask("store_entity", entity_id="ann", entity_type="Person", text="aaa", embed=True)
    ask("store_entity", entity_id="bob", entity_type="Person", text="bbb", embed=True)
    ask("store_entity", entity_id="acme", entity_type="Company", properties={"n": 1})
    ask("store_relation", from_entity="ann", to_entity="bob", relation_type="KNOWS")
    ask("store_relation", from_entity="bob", to_entity="acme", relation_type="AT")
    return ask


def test_entities_and_relations_are_stored(ask: Ask) -> None:
    """New or not, with a vector or not."""
    params = {"entity_id": "x", "entity_type": "T", "properties": {"a": 1}}
    shape = {"success": True, "entity_id": "x", "type": "T"}
    assert ask("store_entity", **params) == {**shape, "created": True, "has_embedding": False}
    again = ask("store_entity", **params, text="abc", embed=True)
    assert again == {**shape, "created": False, "has_embedding": True}
    ends = {"from_entity": "x", "to_entity": "y", "relation_type": "R"}
    shown = {"success": True, "from": "x", "to": "y", "type": "R"}
    assert ask("store_relation", **ends) == {**shown, "created": True}
    assert ask("store_relation", **ends) == {**shown, "created": False}
    assert ask("delete_relation", **ends) == {**shown, "deleted": True}
    gone = {"success": True, "entity_id": "x", "deleted": True}
    assert ask("delete_entity", entity_id="x") == gone
    assert ask("delete_entity", entity_id="x") == {**gone, "deleted": False}


def test_queries(filled: Ask) -> None:
    """By a pattern or the part of Cypher that is read."""
    query = "MATCH (a)-[:KNOWS]->(b) RETURN a.id AS a, b.id AS b"
    rows = [{"a": "ann", "b": "bob"}]
    expected = {"success": True, "results": rows, "count": 1, "query": query}
    assert filled("query", cypher=query) == expected
    assert filled("query", pattern={"entity_type": "Person"}, limit=1)["count"] == 1
    found = filled("query", cypher="MATCH (a {id: $who}) RETURN a.type", params={"who": "acme"})
    assert found["results"] == [{"a.type": "Company"}]


def test_the_context_of_an_entity(filled: Ask) -> None:
    """What stands around it, and a summary to read."""
    answer = filled("retrieve_context", entity_id="acme", hops=1)
    assert [one["id"] for one in answer["entities"]] == ["acme", "bob"]
    relation = {"from": "bob", "to": "acme", "type": "AT", "properties": {}}
    assert answer["relations"] == [relation]
    assert answer["context_summary"] == (
        "acme (Company): n=1\nbob (Person): text=bbb\nbob -[AT]-> acme"
    )


@pytest.mark.parametrize("params", [{"query": "a"}, {"embedding": vector_of("a")}])
def test_the_context_of_a_text(filled: Ask, params: dict[str, Any]) -> None:
    """The nearest entities, with their scores."""
    answer = filled("retrieve_context", **params, hops=0, limit=1)
    (found,) = answer["entities"]
    assert (found["id"], found["score"]) == ("ann", pytest.approx(1))


def test_no_context(ask: Ask) -> None:
    """Is success, and says so."""
    empty = {"entities": [], "relations": [], "context_summary": "No relevant entities found."}
    assert ask("retrieve_context", query="a") == {"success": True, **empty}


def test_updates(filled: Ask) -> None:
    """Merge, or replace; what is not there is not made."""
    assert filled("update_entity", entity_id="acme", properties={"m": 2})["properties"] == {
        "n": 1,
        "m": 2,
    }
    replaced = filled("update_entity", entity_id="acme", properties={"k": 3}, merge=False)
    assert replaced == {
        "success": True,
        "entity_id": "acme",
        "updated": True,
        "properties": {"k": 3},
    }
    assert filled("update_entity", entity_id="no", properties={})["updated"] is False
    ends = {"from_entity": "ann", "to_entity": "bob", "relation_type": "KNOWS"}
    assert filled("update_relation", **ends, properties={"since": 1})["properties"] == {"since": 1}
    other = {**ends, "relation_type": "HATES"}
    assert filled("update_relation", **other, properties={})["updated"] is False


def test_merges(ask: Ask) -> None:
    """One set of properties when it is made, another when it is there."""
    params = {"entity_id": "x", "entity_type": "T", "on_create": {"n": 1}, "on_match": {"m": 2}}
    found = [ask("merge_entity", **params) for _ in range(2)]
    assert [(one["created"], one["properties"]) for one in found] == [
        (True, {"n": 1}),
        (False, {"n": 1, "m": 2}),
    ]
    ends = {"from_entity": "x", "to_entity": "x", "relation_type": "IS"}
    more = {"on_create": {"n": 1}, "on_match": {"n": 2}}
    made = [ask("merge_relation", **ends, **more)["properties"] for _ in range(2)]
    assert made == [{"n": 1}, {"n": 2}]


def test_labels(filled: Ask) -> None:
    """Are added once and removed."""
    added = filled("add_labels", entity_id="ann", labels=["Admin", "Boss", "Admin"])
    assert added["labels"] == ["Admin", "Boss"]
    assert filled("query", pattern={"entity_type": "Boss"})["count"] == 1
    assert filled("remove_labels", entity_id="ann", labels=["Boss"])["labels"] == ["Admin"]
    missing = filled("add_labels", entity_id="no", labels=["x"])
    assert (missing["error_type"], missing["success"]) == ("validation_error", False)


def test_batches(ask: Ask) -> None:
    """Short or long names of the fields."""
    entities = [{"id": "a", "type": "T"}, {"entity_id": "b", "entity_type": "T"}]
    stored = ask("store_entities_batch", entities=entities)
    assert (stored["count"], stored["created"], stored["updated"]) == (2, 2, 0)
    relations = [{"from": "a", "to": "b", "type": "R"}]
    assert ask("store_relations_batch", relations=relations)["created"] == 1
    assert ask("store_relations_batch", relations=relations)["updated"] == 1
    gone = ask("delete_entities_batch", entity_ids=["a", "no"])
    assert (gone["deleted_count"], gone["entity_ids"]) == (1, ["a"])


def test_vector_indexes(filled: Ask) -> None:
    """Have names, and limit a search to their label."""
    assert filled("check_vector_support")["supported"] is True
    made = filled("create_vector_index", index_name="people", label="Person", dimensions=8)
    assert (made["created"], made["similarity"]) == (True, "cosine")
    assert filled("create_vector_index", index_name="people")["created"] is False
    wrong = filled("create_vector_index", index_name="x", similarity="euclidean")
    assert wrong["error_type"] == "validation_error"
    listed = filled("list_vector_indexes")
    assert [(one["index_name"], one["label"]) for one in listed["indexes"]] == [
        ("people", "Person")
    ]
    found = filled("vector_search", embedding=vector_of("b"), index_name="people", limit=1)
    assert [one["id"] for one in found["results"]] == ["bob"]
    near = filled("vector_search", embedding=vector_of("b"), threshold=0.5)
    assert near["count"] == 1
    assert filled("drop_vector_index", index_name="people")["dropped"] is True
    assert filled("list_vector_indexes")["count"] == 0


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("pagerank", "acme"),
        ("degree", "bob"),
        ("weakly_connected_component", "acme"),
        ("local_clustering_coefficient", "acme"),
    ],
)
def test_algorithms(filled: Ask, name: str, first: str) -> None:
    """A number for each entity, the highest first."""
    answer = filled("algorithm", algorithm=name)
    assert (answer["count"], answer["results"][0]["id"]) == (3, first)
    assert filled("algorithm", algorithm=name, limit=1)["count"] == 1


def test_graphs_over_tables(ask: Ask, host: PlainHost) -> None:
    """Of the same database: declared, asked, forgotten."""
    database = host.graph_backend._database
    database.script("create table towns (id text)\n\ncreate table roads (a text, b text)")
    for one, other in (("x", "y"), ("y", "z")):
        database.rows("insert into roads values (:a, :b)", {"a": one, "b": other})
    roads = {"table": "roads", "source_key": "a", "destination_key": "b"}
    made = ask("create", name="map", vertex_tables=["towns"], edge_tables=[roads])
    assert (made["created"], made["edge_tables"]) == (True, 1)
    again = ask("create", name="map", vertex_tables=["towns"], edge_tables=[roads])
    assert again["error_type"] == "already_exists"
    path = ask("shortest_path", graph="map", from_id="x", to_id="z")
    assert (path["path"], path["length"], path["found"]) == (["x", "y", "z"], 2, True)
    none = ask("shortest_path", graph="map", from_id="z", to_id="x")
    assert (none["path"], none["found"], none["success"]) == ([], False, True)
    ranks = ask("algorithm", algorithm="pagerank", graph="map", table="towns")
    assert ranks["results"][0]["id"] == "z"
    assert [one["name"] for one in ask("list_graphs")["graphs"]] == ["map"]
    assert ask("drop", name="map")["dropped"] is True


@pytest.mark.parametrize(
    ("verb", "params", "kind"),
    [
        ("store_entity", {"entity_id": "x"}, "validation_error"),
        ("store_entity", {"entity_id": "", "entity_type": "T"}, "validation_error"),
        ("store_relation", {"from_entity": "x"}, "validation_error"),
        ("delete_entity", {}, "validation_error"),
        ("query", {}, "validation_error"),
        ("query", {"datalog": "?[x] := y"}, "validation_error"),
        ("query", {"pgq": "FROM GRAPH_TABLE"}, "validation_error"),
        ("query", {"cypher": "CREATE (a)"}, "validation_error"),
        ("query", {"pattern": {"colour": 1}}, "validation_error"),
        ("retrieve_context", {}, "validation_error"),
        ("vector_search", {}, "validation_error"),
        ("algorithm", {"algorithm": "magic"}, "validation_error"),
        ("algorithm", {"algorithm": "pagerank", "graph": "none"}, "validation_error"),
        ("shortest_path", {"from_id": "x"}, "validation_error"),
        (
            "create",
            {"name": "g", "vertex_tables": ["no"], "edge_tables": ["nor"]},
            "query_error",
        ),
    ],
)
def test_what_is_asked_wrongly(ask: Ask, verb: str, params: dict[str, Any], kind: str) -> None:
    """Says what is missing."""
    answer = ask(verb, **params)
    assert (answer["success"], answer["error_type"]) == (False, kind)


def test_without_a_graph() -> None:
    """A matter of configuration, or of what is installed."""
    host = host_with("graph")
    action = host.actions_registry["graph.list_graphs"]
    assert action(state={})["error_type"] == "configuration_error"
    host.graph_backend = MissingPartError("duckdb is not installed", part="duckdb")
    missing = action(state={})
    assert (missing["error_type"], missing["error"]) == (
        "dependency_missing",
        "duckdb is not installed",
    )


def test_a_closed_graph(ask: Ask, host: PlainHost) -> None:
    """Is a query error."""
    host.graph_backend.close()
    assert ask("list_graphs")["error_type"] == "query_error"
