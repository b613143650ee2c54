"""Answering a graph query: every way to lay its path over entities and relations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.memory.cypher import (
    NodePattern,
    Query,
    Scope,
    StepPattern,
    property_of,
    read_query,
)
from codeanatomy.workflow.memory.errors import PatternError
from codeanatomy.workflow.memory.graph import Entity, GraphMemory, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Facts = dict[str, Any]
_PATTERN = frozenset("entity_id entity_type relation_type from_entity to_entity properties".split())


def ask_cypher(graph: GraphMemory, text: str, params: Mapping[str, Any], limit: int) -> list[Facts]:
    """Return the rows of a query in the part of Cypher that is read."""
    query = read_query(text, params)
    scopes = [s for s in _matches(graph, query.path) if query.where is None or query.where(s)]
    ordered = _sorted(scopes, query)
    rows = _rows(ordered, query)
    most = limit if query.limit is None else min(limit, query.limit)
    return rows[query.skip : query.skip + most]


def ask_pattern(graph: GraphMemory, pattern: Mapping[str, Any], limit: int) -> list[Facts]:
    """Return the entities, or with a relation key the relations, that fit a pattern.

    Keys: entity_id, entity_type, relation_type, from_entity, to_entity, properties.
    """
    if unknown := sorted(set(pattern) - _PATTERN):
        raise PatternError(
            f"unknown keys {unknown} in the pattern; it has {sorted(_PATTERN)}", keys=unknown
        )
    wanted = pattern.get("properties") or {}
    if {"relation_type", "from_entity", "to_entity"} & set(pattern):
        return [show_relation(r) for r in _related(graph, pattern) if _has(r, wanted)][:limit]
    names = [pattern["entity_id"]] if "entity_id" in pattern else None
    found = graph.entities(names, pattern.get("entity_type"))
    return [show_entity(one) for one in found if _has(one, wanted)][:limit]


def show_entity(entity: Entity) -> Facts:
    """Return an entity as an answer shows it."""
    return {"id": entity.id, "type": entity.type, "properties": entity.properties}


def show_relation(relation: Relation) -> Facts:
    """Return a relation as an answer shows it."""
    ends = {"from": relation.source, "to": relation.target}
    return {**ends, "type": relation.type, "properties": relation.properties}


def _related(graph: GraphMemory, pattern: Mapping[str, Any]) -> Iterator[Relation]:
    source, target = pattern.get("from_entity"), pattern.get("to_entity")
    for one in graph.relations(source or target, pattern.get("relation_type")):
        if source in {None, one.source} and target in {None, one.target}:
            yield one


def _matches(graph: GraphMemory, path: list[NodePattern | StepPattern]) -> Iterator[Scope]:
    first = path[0]
    name = first.wanted.get("id") if isinstance(first, NodePattern) else None
    start = graph.entities(None if name is None else [str(name({}))])
    for entity in start:
        if isinstance(first, NodePattern) and _fits_node(first, entity):
            yield from _onward(graph, path[1:], entity, {first.name: entity})


def _onward(
    graph: GraphMemory, path: list[NodePattern | StepPattern], here: Entity, scope: Scope
) -> Iterator[Scope]:
    if not path:
        yield scope
        return
    step, place, rest = path[0], path[1], path[2:]
    if not isinstance(step, StepPattern) or not isinstance(place, NodePattern):
        return
    for relation in graph.relations(here.id):
        for name in _ends(step, relation, here):
            entity = graph.entity(name)
            known = scope.get(place.name, entity)
            if entity is None or known != entity or relation in scope.values():
                continue
            if _fits_node(place, entity):
                more = {**scope, step.name: relation, place.name: entity}
                yield from _onward(graph, rest, entity, more)


def _ends(step: StepPattern, relation: Relation, here: Entity) -> list[str]:
    """Return where a relation leads from here, if the step allows it."""
    if (step.kinds and relation.type not in step.kinds) or not _wanted(step.wanted, relation):
        return []
    ends = []
    if step.direction in {"out", "both"} and relation.source == here.id:
        ends.append(relation.target)
    if step.direction in {"in", "both"} and relation.target == here.id:
        ends.append(relation.source)
    return list(dict.fromkeys(ends))


def _fits_node(place: NodePattern, entity: Entity) -> bool:
    kinds = {entity.type, *entity.labels}
    return kinds.issuperset(place.kinds) and _wanted(place.wanted, entity)


def _wanted(wanted: Mapping[str, Any], thing: Entity | Relation) -> bool:
    return all(property_of(thing, key) == value({}) for key, value in wanted.items())


def _has(thing: Entity | Relation, wanted: Mapping[str, Any]) -> bool:
    return all(thing.properties.get(key) == value for key, value in wanted.items())


def _sorted(scopes: list[Scope], query: Query) -> list[Scope]:
    for _, value, descending in reversed(query.order):
        scopes = sorted(scopes, key=lambda s: _rank(value(s)), reverse=descending)
    return scopes


def _rank(value: object) -> tuple[int, Any]:
    """Order values of one sort among each other, and nothing last."""
    if value is None:
        return (3, 0)
    if isinstance(value, bool | int | float):
        return (0, value)
    return (1, value) if isinstance(value, str) else (2, str(value))


def _rows(scopes: list[Scope], query: Query) -> list[Facts]:
    if any(column.counts for column in query.columns):
        return _counted(scopes, query)
    rows = [{c.name: _shown(c.value(scope)) for c in query.columns} for scope in scopes]
    if not query.distinct:
        return rows
    return [row for n, row in enumerate(rows) if row not in rows[:n]]


def _counted(scopes: list[Scope], query: Query) -> list[Facts]:
    groups: dict[str, tuple[Facts, int]] = {}
    for scope in scopes:
        key = {c.name: _shown(c.value(scope)) for c in query.columns if not c.counts}
        _, count = groups.get(repr(key), (key, 0))
        groups[repr(key)] = (key, count + 1)
    if not groups and all(column.counts for column in query.columns):
        groups[""] = ({}, 0)
    rows = [
        {c.name: count if c.counts else key[c.name] for c in query.columns}
        for key, count in groups.values()
    ]
    for text, _, descending in reversed(query.order):
        if any(column.counts and column.name == text for column in query.columns):
            rows.sort(key=lambda row: _rank(row[text]), reverse=descending)
    return rows


def _shown(value: object) -> Any:  # noqa: ANN401 - a property holds any JSON
    if isinstance(value, Entity):
        return show_entity(value)
    return show_relation(value) if isinstance(value, Relation) else value
