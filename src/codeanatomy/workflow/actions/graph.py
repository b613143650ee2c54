"""Actions on graph memory: entities, relations, queries, vectors, and whole-graph questions."""

from __future__ import annotations

from functools import partial, wraps
from inspect import signature
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import AnatomyError, MissingPartError, SpecError
from codeanatomy.workflow.actions._embedding import embed_texts
from codeanatomy.workflow.actions._results import err, ok
from codeanatomy.workflow.memory import algorithms, matching
from codeanatomy.workflow.memory.graph import Entity, GraphMemory, Relation

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_ABSENT = (
    "Graph memory is not configured: use YAMLEngine(enable_graph=True), pass graph_backend, or"
    " set settings.graph"
)
_COSINE = "cosine"
_INDEX, _GRAPH = "vector_index", "graph"
_NOTHING = "No relevant entities found."


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by their names."""
    return {f"graph.{name}": partial(_asked, host, work) for name, work in _WORK.items()}


def _asked(
    host: Host, work: Callable[..., State], /, state: State, *args: Any, **params: Any
) -> State:
    """Do the work of an action on the graph of the engine."""
    named = [*signature(work).parameters][2:] if args else []  # after the host and the graph
    params = {**dict(zip(named, args, strict=False)), **params}
    backend = host.graph_backend
    if backend is None:
        return err(_ABSENT, "configuration_error")
    if isinstance(backend, MissingPartError):
        return err(str(backend), "dependency_missing")
    try:
        return work(host, backend, **params)
    except MissingPartError as missing:
        return err(str(missing), "dependency_missing")
    except (SpecError, _MissingError) as wrong:
        return err(str(wrong), "validation_error")
    except (AnatomyError, TypeError, ValueError, KeyError, AttributeError) as failed:
        return err(str(failed), "query_error")


class _MissingError(Exception):
    """A parameter is missing."""


def _needing(*names: str) -> Callable[[Callable[..., State]], Callable[..., State]]:
    """Make an action answer with a validation error when one of these parameters is missing."""

    def decorate(work: Callable[..., State]) -> Callable[..., State]:
        @wraps(work)
        def checked(host: Host, graph: GraphMemory, /, **params: Any) -> State:
            for name in names:
                if params.get(name) in (None, ""):
                    raise _MissingError(f"{name} is required")
            return work(host, graph, **params)

        return checked

    return decorate


@_needing("entity_id", "entity_type")
def store_entity(
    host: Host,
    graph: GraphMemory,
    /,
    entity_id: str,
    entity_type: str,
    properties: State | None = None,
    text: str | None = None,
    embed: bool = False,
    embedding: list[float] | None = None,
    labels: list[str] | None = None,
    **_: object,
) -> State:
    """Keep an entity; with `embed` also the vector of its text."""
    if embedding is None and embed and text:
        embedding = embed_texts(host, [text], None)[0][0]
    facts = {**(properties or {}), **({"text": text} if text is not None else {})}
    known = graph.entity(entity_id)
    kept = labels if labels is not None else known.labels if known else []
    created = graph.put(Entity(entity_id, entity_type, kept, facts), embedding)
    has = graph.has_vector(entity_id)
    return ok(entity_id=entity_id, type=entity_type, created=created, has_embedding=has)


@_needing("from_entity", "to_entity", "relation_type")
def store_relation(
    host: Host,
    graph: GraphMemory,
    /,
    from_entity: str,
    to_entity: str,
    relation_type: str,
    properties: State | None = None,
    **_: object,
) -> State:
    """Keep a relation between two entities."""
    made = Relation(from_entity, to_entity, relation_type, properties or {})
    return ok(**_ends(made), created=graph.relate(made))


def query(
    host: Host,
    graph: GraphMemory,
    /,
    cypher: str | None = None,
    datalog: str | None = None,
    pgq: str | None = None,
    pattern: State | None = None,
    params: State | None = None,
    limit: int = 100,
    timeout: float | None = None,
    **_: object,
) -> State:
    """Answer a query in the part of Cypher that graph memory reads, or a pattern."""
    if pattern is not None:
        rows = matching.ask_pattern(graph, pattern, limit)
        return ok(results=rows, count=len(rows), query=pattern)
    if cypher is not None:
        rows = matching.ask_cypher(graph, cypher, params or {}, limit)
        return ok(results=rows, count=len(rows), query=cypher)
    if datalog is not None or pgq is not None:
        name = "datalog" if datalog is not None else "pgq"
        raise _MissingError(f"this backend does not read {name}; pass 'cypher' or 'pattern'")
    raise _MissingError("one of 'cypher' or 'pattern' is required")


def retrieve_context(
    host: Host,
    graph: GraphMemory,
    /,
    query: str | None = None,
    embedding: list[float] | None = None,
    entity_id: str | None = None,
    hops: int = 2,
    limit: int = 20,
    **_: object,
) -> State:
    """Find what stands around an entity, a vector, or a text."""
    if query is None and embedding is None and entity_id is None:
        raise _MissingError("one of 'query', 'embedding' or 'entity_id' is required")
    scores: dict[str, float] = {}
    if entity_id is None:
        vector = embedding or embed_texts(host, [str(query)], None)[0][0]
        scores = {entity.id: score for entity, score in graph.nearest(vector, limit)}
    starts = [entity_id] if entity_id is not None else list(scores)
    names, crossed = graph.around(starts, hops)
    entities = graph.entities(names, limit=limit)
    kept = {one.id for one in entities}
    relations = [one for one in crossed if one.source in kept and one.target in kept]
    shown = [
        {**matching.show_entity(one), **({"score": scores[one.id]} if one.id in scores else {})}
        for one in entities
    ]
    return ok(
        entities=shown,
        relations=[matching.show_relation(one) for one in relations],
        context_summary=_summary(entities, relations),
    )


@_needing("entity_id")
def delete_entity(
    host: Host, graph: GraphMemory, /, entity_id: str, detach: bool = True, **_: object
) -> State:
    """Forget an entity and its relations."""
    return ok(entity_id=entity_id, deleted=graph.remove(entity_id, detach=detach))


@_needing("from_entity", "to_entity", "relation_type")
def delete_relation(
    host: Host,
    graph: GraphMemory,
    /,
    from_entity: str,
    to_entity: str,
    relation_type: str,
    **_: object,
) -> State:
    """Forget a relation."""
    gone = graph.unrelate(from_entity, to_entity, relation_type)
    return ok(**_ends(Relation(from_entity, to_entity, relation_type, {})), deleted=gone)


@_needing("entity_id")
def update_entity(
    host: Host,
    graph: GraphMemory,
    /,
    entity_id: str,
    properties: State,
    merge: bool = True,
    **_: object,
) -> State:
    """Change the properties of an entity; with `merge` the others stay."""
    known = graph.entity(entity_id)
    if known is None:
        return ok(entity_id=entity_id, updated=False, properties=None)
    facts = {**(known.properties if merge else {}), **(properties or {})}
    graph.put(known._replace(properties=facts))
    return ok(entity_id=entity_id, updated=True, properties=facts)


@_needing("from_entity", "to_entity", "relation_type")
def update_relation(
    host: Host,
    graph: GraphMemory,
    /,
    from_entity: str,
    to_entity: str,
    relation_type: str,
    properties: State,
    merge: bool = True,
    **_: object,
) -> State:
    """Change the properties of a relation; with `merge` the others stay."""
    known = graph.relation(from_entity, to_entity, relation_type)
    if known is None:
        ends = _ends(Relation(from_entity, to_entity, relation_type, {}))
        return ok(**ends, updated=False, properties=None)
    facts = {**(known.properties if merge else {}), **(properties or {})}
    graph.relate(known._replace(properties=facts))
    return ok(**_ends(known), updated=True, properties=facts)


@_needing("entity_id", "entity_type")
def merge_entity(
    host: Host,
    graph: GraphMemory,
    /,
    entity_id: str,
    entity_type: str,
    on_create: State | None = None,
    on_match: State | None = None,
    **_: object,
) -> State:
    """Make an entity with `on_create`, or add `on_match` to the one that is there."""
    known = graph.entity(entity_id)
    facts = {**known.properties, **(on_match or {})} if known else dict(on_create or {})
    entity = Entity(entity_id, entity_type, known.labels if known else [], facts)
    created = graph.put(entity)
    return ok(entity_id=entity_id, type=entity_type, created=created, properties=facts)


@_needing("from_entity", "to_entity", "relation_type")
def merge_relation(
    host: Host,
    graph: GraphMemory,
    /,
    from_entity: str,
    to_entity: str,
    relation_type: str,
    on_create: State | None = None,
    on_match: State | None = None,
    **_: object,
) -> State:
    """Make a relation with `on_create`, or add `on_match` to the one that is there."""
    known = graph.relation(from_entity, to_entity, relation_type)
    facts = {**known.properties, **(on_match or {})} if known else dict(on_create or {})
    made = Relation(from_entity, to_entity, relation_type, facts)
    return ok(**_ends(made), created=graph.relate(made), properties=facts)


@_needing("entity_id", "labels")
def add_labels(
    host: Host, graph: GraphMemory, /, entity_id: str, labels: list[str], **_: object
) -> State:
    """Give an entity further types."""
    return _labelled(graph, entity_id, lambda there: list(dict.fromkeys([*there, *labels])))


@_needing("entity_id", "labels")
def remove_labels(
    host: Host, graph: GraphMemory, /, entity_id: str, labels: list[str], **_: object
) -> State:
    """Take further types from an entity."""
    return _labelled(graph, entity_id, lambda there: [one for one in there if one not in labels])


@_needing("entities")
def store_entities_batch(
    host: Host, graph: GraphMemory, /, entities: list[State], **_: object
) -> State:
    """Keep many entities, each `{entity_id, entity_type, properties, text, embed}`."""
    done = [store_entity(host, graph, **_named(one, "entity_")) for one in entities]
    created = sum(one["created"] for one in done)
    return ok(count=len(done), created=created, updated=len(done) - created, results=done)


@_needing("relations")
def store_relations_batch(
    host: Host, graph: GraphMemory, /, relations: list[State], **_: object
) -> State:
    """Keep many relations, each `{from_entity, to_entity, relation_type, properties}`."""
    done = [store_relation(host, graph, **_related(one)) for one in relations]
    created = sum(one["created"] for one in done)
    return ok(count=len(done), created=created, updated=len(done) - created, results=done)


@_needing("entity_ids")
def delete_entities_batch(
    host: Host, graph: GraphMemory, /, entity_ids: list[str], detach: bool = True, **_: object
) -> State:
    """Forget many entities."""
    gone = [name for name in entity_ids if graph.remove(name, detach=detach)]
    return ok(deleted_count=len(gone), entity_ids=gone)


@_needing("index_name")
def create_vector_index(
    host: Host,
    graph: GraphMemory,
    /,
    index_name: str,
    label: str = "Entity",
    property_name: str = "_embedding",
    dimensions: int | None = None,
    similarity: str = "cosine",
    **_: object,
) -> State:
    """Name an index on the vectors; every search compares all of them."""
    if similarity != _COSINE:
        raise _MissingError(f"similarity '{similarity}' is not supported; use 'cosine'")
    facts = {"label": label, "property_name": property_name, "dimensions": dimensions}
    created = graph.declare(_INDEX, index_name, {**facts, "similarity": similarity})
    return ok(index_name=index_name, created=created, **facts, similarity=similarity)


@_needing("index_name")
def drop_vector_index(host: Host, graph: GraphMemory, /, index_name: str, **_: object) -> State:
    """Forget the name of an index; the vectors stay."""
    return ok(index_name=index_name, dropped=graph.undeclare(_INDEX, index_name))


def list_vector_indexes(host: Host, graph: GraphMemory, /, **_: object) -> State:
    """List the indexes by name."""
    found = [{"index_name": name, **facts} for name, facts in graph.declared(_INDEX).items()]
    return ok(indexes=found, count=len(found))


def check_vector_support(host: Host, graph: GraphMemory, /, **_: object) -> State:
    """Say that entities can be found by their vectors, and how."""
    return ok(supported=True, similarities=[_COSINE], exact=True)


@_needing("embedding")
def vector_search(
    host: Host,
    graph: GraphMemory,
    /,
    embedding: list[float],
    limit: int = 10,
    index_name: str = "entity_embeddings",
    threshold: float | None = None,
    **_: object,
) -> State:
    """Find the entities nearest to a vector; a declared index limits them to its label."""
    facts = graph.declared(_INDEX).get(index_name, {})
    label = facts.get("label", "Entity")
    found = graph.nearest(embedding, limit if label == "Entity" else 10**9, threshold)
    kept = [(e, s) for e, s in found if label == "Entity" or label in {e.type, *e.labels}]
    results = [{**matching.show_entity(e), "score": score} for e, score in kept[:limit]]
    return ok(results=results, count=len(results), index_name=index_name)


@_needing("name", "vertex_tables", "edge_tables")
def create(
    host: Host,
    graph: GraphMemory,
    /,
    name: str,
    vertex_tables: list[Any],
    edge_tables: list[Any],
    **_: object,
) -> State:
    """Declare a graph over tables of the same database.

    A vertex table is a name or `{table, key}`; an edge table `{table, source_key,
    destination_key}`.
    """
    vertices = [_table(one, key="id") for one in vertex_tables]
    edges = [_table(one, source_key="source", destination_key="target") for one in edge_tables]
    for one in (*vertices, *edges):
        graph.table(one["table"], [v for k, v in one.items() if k.endswith("key")], 1)
    if not graph.declare(_GRAPH, name, {"vertex_tables": vertices, "edge_tables": edges}):
        return err(f"Graph '{name}' already exists", "already_exists")
    counts = {"vertex_tables": len(vertices), "edge_tables": len(edges)}
    return ok(name=name, created=True, **counts)


@_needing("name")
def drop(host: Host, graph: GraphMemory, /, name: str, **_: object) -> State:
    """Forget a declared graph; its tables stay."""
    return ok(name=name, dropped=graph.undeclare(_GRAPH, name))


def list_graphs(host: Host, graph: GraphMemory, /, **_: object) -> State:
    """List the declared graphs."""
    found = [{"name": name, **facts} for name, facts in graph.declared(_GRAPH).items()]
    return ok(graphs=found, count=len(found))


def algorithm(
    host: Host,
    memory: GraphMemory,
    /,
    algorithm: str,
    graph: str | None = None,
    table: str | None = None,
    limit: int = 100,
    **_: object,
) -> State:
    """Compute a number for each place of a declared graph, or of graph memory itself."""
    if algorithm not in algorithms.ALGORITHMS:
        known = sorted(algorithms.ALGORITHMS)
        raise _MissingError(f"Unknown algorithm '{algorithm}'. Available: {known}")
    places, edges = _places(memory, graph)
    found = algorithms.ALGORITHMS[algorithm](places, edges)
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
    results = [{"id": name, "value": value} for name, value in ranked]
    return ok(algorithm=algorithm, graph=graph, table=table, results=results, count=len(results))


def shortest_path(
    host: Host,
    memory: GraphMemory,
    /,
    graph: str | None = None,
    from_id: str = "",
    to_id: str = "",
    edge_table: str = "edges",
    vertex_table: str = "vertices",
    max_hops: int = 10,
    **_: object,
) -> State:
    """Find a shortest way between two places along the direction of the edges."""
    for name, value in (("from_id", from_id), ("to_id", to_id)):
        if value in (None, ""):
            raise _MissingError(f"{name} is required")
    edges = _places(memory, graph)[1]
    path = algorithms.shortest_path(edges, str(from_id), str(to_id), max_hops)
    hops = len(path) - 1 if path else None
    return ok(path=path or [], length=hops, found=path is not None, graph=graph)


_WORK: dict[str, Callable[..., State]] = {
    work.__name__: work
    for work in (
        add_labels,
        algorithm,
        check_vector_support,
        create,
        create_vector_index,
        delete_entities_batch,
        delete_entity,
        delete_relation,
        drop,
        drop_vector_index,
        list_graphs,
        list_vector_indexes,
        merge_entity,
        merge_relation,
        query,
        remove_labels,
        retrieve_context,
        shortest_path,
        store_entities_batch,
        store_entity,
        store_relation,
        store_relations_batch,
        update_entity,
        update_relation,
        vector_search,
    )
}


def _ends(relation: Relation) -> State:
    return {"from": relation.source, "to": relation.target, "type": relation.type}


def _labelled(
    graph: GraphMemory, entity_id: str, change: Callable[[list[str]], list[str]]
) -> State:
    known = graph.entity(entity_id)
    if known is None:
        raise _MissingError(f"Entity '{entity_id}' not found")
    labels = change(known.labels)
    graph.put(known._replace(labels=labels))
    return ok(entity_id=entity_id, labels=labels)


def _named(one: State, prefix: str) -> State:
    """Return the parameters of an entity that may be written short: id and type."""
    short = {key: one[key] for key in ("id", "type") if key in one}
    return {**one, **{f"{prefix}{key}": value for key, value in short.items()}}


def _related(one: State) -> State:
    short = {"from": "from_entity", "to": "to_entity", "type": "relation_type"}
    return {**one, **{long: one[key] for key, long in short.items() if key in one}}


def _table(given: Any, **keys: str) -> State:
    about = given if isinstance(given, dict) else {"table": str(given)}
    if "table" not in about:
        raise _MissingError(f"a table needs its name under 'table': {given!r}")
    return {"table": about["table"], **{key: about.get(key, value) for key, value in keys.items()}}


def _places(memory: GraphMemory, name: str | None) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the places and edges of a declared graph, or without a name of graph memory."""
    if name is None:
        edges = [(one.source, one.target) for one in memory.relations()]
        listed = [one.id for one in memory.entities()]
    else:
        facts = memory.declared(_GRAPH).get(name)
        if facts is None:
            raise _MissingError(f"Graph '{name}' not found; declare it with graph.create")
        edges = [
            (str(source), str(target))
            for one in facts["edge_tables"]
            for source, target in memory.table(
                one["table"], [one["source_key"], one["destination_key"]]
            )
        ]
        listed = [
            str(key)
            for one in facts["vertex_tables"]
            for (key,) in memory.table(one["table"], [one["key"]])
        ]
    ends = [end for edge in edges for end in edge]
    return list(dict.fromkeys([*listed, *ends])), edges


def _summary(entities: list[Entity], relations: list[Relation]) -> str:
    if not entities:
        return _NOTHING
    lines = [f"{one.id} ({one.type}){_facts(one.properties)}" for one in entities]
    lines += [f"{r.source} -[{r.type}]-> {r.target}{_facts(r.properties)}" for r in relations]
    return "\n".join(lines)


def _facts(properties: State) -> str:
    listed = ", ".join(f"{key}={value}" for key, value in properties.items())
    return f": {listed}" if listed else ""
