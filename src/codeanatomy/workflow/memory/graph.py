"""Graph memory: entities with properties, relations between them, and vectors to find them by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.workflow.memory.errors import PatternError
from codeanatomy.workflow.memory.vectors import Item, TableVectorIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codeanatomy.workflow.memory.database import Database, Row

Facts = dict[str, Any]
_TABLES = """
create table if not exists graph_entities (
  id text primary key, type text not null, labels text not null, properties text not null)

create index if not exists graph_entities_by_type on graph_entities (type)

create table if not exists graph_relations (
  source text not null, target text not null, type text not null, properties text not null,
  primary key (source, target, type))

create index if not exists graph_relations_by_target on graph_relations (target)

create table if not exists graph_declared (
  kind text not null, name text not null, facts text not null, primary key (kind, name))
"""
_NEW_ENTITY = """
insert into graph_entities (id, type, labels, properties)
values (:id, :type, :labels, :properties) on conflict (id) do nothing returning id
"""
_OLD_ENTITY = """
update graph_entities set type = :type, labels = :labels, properties = :properties
where id = :id
"""
_NEW_RELATION = """
insert into graph_relations (source, target, type, properties)
values (:source, :target, :type, :properties)
on conflict (source, target, type) do nothing returning source
"""
_OLD_RELATION = """
update graph_relations set properties = :properties
where source = :source and target = :target and type = :type
"""
_VECTORS = "graph_entities"


class Entity(NamedTuple):
    """A thing that is known; `labels` are further types of it."""

    id: str
    type: str
    labels: list[str]
    properties: Facts


class Relation(NamedTuple):
    """What one entity is to another."""

    source: str
    target: str
    type: str
    properties: Facts


class GraphMemory:
    """Entities and relations in a database, found by id, type, neighbourhood or vector."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.script(_TABLES)
        self._vectors = TableVectorIndex(database)

    def put(self, entity: Entity, embedding: Sequence[float] | None = None) -> bool:
        """Keep an entity, replacing the one with its id; say whether it is new."""
        with self._database.transaction():
            facts = {
                "id": entity.id,
                "type": entity.type,
                "labels": json.dumps(entity.labels),
                "properties": json.dumps(entity.properties),
            }
            created = bool(self._database.rows(_NEW_ENTITY, facts))
            if not created:
                self._database.rows(_OLD_ENTITY, facts)
            if embedding is not None:
                self._vectors.add([Item(entity.id, "", embedding, {})], _VECTORS)
        return created

    def entity(self, name: str) -> Entity | None:
        """Return the entity of an id, or None."""
        found = self.entities([name])
        return found[0] if found else None

    def entities(
        self, names: Iterable[str] | None = None, kind: str | None = None, limit: int | None = None
    ) -> list[Entity]:
        """List entities by id: those named, those of a type or label, or all."""
        if names is None:
            rows = self._database.rows(
                "select id, type, labels, properties from graph_entities order by id"
            )
        else:
            rows = [row for name in dict.fromkeys(names) for row in self._one(name)]
        found = [_entity(row) for row in rows]
        kept = [one for one in found if kind is None or kind in {one.type, *one.labels}]
        return kept if limit is None else kept[:limit]

    def has_vector(self, name: str) -> bool:
        """Say whether an entity can be found by its vector."""
        return bool(self._vectors.get([name], _VECTORS))

    def remove(self, name: str, *, detach: bool = True) -> bool:
        """Forget an entity and, with `detach`, its relations; say whether it was there."""
        with self._database.transaction():
            if self.entity(name) is None:
                return False
            if not detach and self.relations(name):
                raise PatternError(
                    f"entity {name!r} still has relations; delete them first, or detach",
                    entity=name,
                )
            for statement in (
                "delete from graph_relations where source = :id or target = :id",
                "delete from graph_entities where id = :id",
            ):
                self._database.rows(statement, {"id": name})
            self._vectors.delete([name], _VECTORS)
        return True

    def relate(self, relation: Relation) -> bool:
        """Keep a relation, replacing the one of its ends and type; say whether it is new."""
        with self._database.transaction():
            facts = {**relation._asdict(), "properties": json.dumps(relation.properties)}
            created = bool(self._database.rows(_NEW_RELATION, facts))
            if not created:
                self._database.rows(_OLD_RELATION, facts)
        return created

    def relation(self, source: str, target: str, kind: str) -> Relation | None:
        """Return the relation of two ends and a type, or None."""
        rows = self._database.rows(
            "select source, target, type, properties from graph_relations"
            " where source = :source and target = :target and type = :kind",
            {"source": source, "target": target, "kind": kind},
        )
        return _relation(rows[0]) if rows else None

    def unrelate(self, source: str, target: str, kind: str) -> bool:
        """Forget a relation; say whether it was there."""
        with self._database.transaction():
            there = self.relation(source, target, kind) is not None
            self._database.rows(
                "delete from graph_relations"
                " where source = :source and target = :target and type = :kind",
                {"source": source, "target": target, "kind": kind},
            )
        return there

    def relations(self, name: str | None = None, kind: str | None = None) -> list[Relation]:
        """List the relations from and to an entity, or all, ordered by their ends."""
        rows = self._database.rows(
            "select source, target, type, properties from graph_relations"
            " where (:every = 1 or source = :name or target = :name)"
            " and (:any_kind = 1 or type = :kind) order by source, target, type",
            {
                "every": int(name is None),
                "name": name or "",
                "any_kind": int(kind is None),
                "kind": kind or "",
            },
        )
        return [_relation(row) for row in rows]

    def around(self, names: Sequence[str], hops: int) -> tuple[list[str], list[Relation]]:
        """Return the ids within `hops` relations of any of these, the nearest first."""
        reached = dict.fromkeys(names)
        crossed: dict[tuple[str, str, str], Relation] = {}
        edge = list(reached)
        for _ in range(hops):
            found = [r for name in edge for r in self.relations(name)]
            crossed.update(((r.source, r.target, r.type), r) for r in found)
            edge = [n for r in found for n in (r.source, r.target) if n not in reached]
            reached.update(dict.fromkeys(edge))
        return list(reached), list(crossed.values())

    def nearest(
        self, embedding: Sequence[float], limit: int = 10, threshold: float | None = None
    ) -> list[tuple[Entity, float]]:
        """Return the entities whose vectors are nearest, with the cosine of the angle."""
        hits = self._vectors.query(embedding, limit, _VECTORS)
        found = [(self.entity(hit.item.id), hit.score) for hit in hits]
        return [
            (entity, score)
            for entity, score in found
            if entity is not None and (threshold is None or score >= threshold)
        ]

    def declare(self, kind: str, name: str, facts: Mapping[str, Any]) -> bool:
        """Note an index or a property graph by name; False when the name is taken."""
        with self._database.transaction():
            if name in self.declared(kind):
                return False
            self._database.rows(
                "insert into graph_declared (kind, name, facts) values (:kind, :name, :facts)",
                {"kind": kind, "name": name, "facts": json.dumps(dict(facts))},
            )
        return True

    def declared(self, kind: str) -> dict[str, Facts]:
        """Return what was declared, by name."""
        rows = self._database.rows(
            "select name, facts from graph_declared where kind = :kind order by name",
            {"kind": kind},
        )
        return {name: json.loads(facts) for name, facts in rows}

    def undeclare(self, kind: str, name: str) -> bool:
        """Forget a declaration; say whether it was there."""
        there = name in self.declared(kind)
        self._database.rows(
            "delete from graph_declared where kind = :kind and name = :name",
            {"kind": kind, "name": name},
        )
        return there

    def table(self, name: str, columns: Sequence[str], limit: int = 1_000_000) -> list[Row]:
        """Return columns of a table of the same database."""
        for word in (name, *columns):
            if not word.replace("_", "a").isalnum():
                raise PatternError(f"{word!r} is no name of a table or column", name=word)
        listed = ", ".join(f'"{column}"' for column in columns)
        sql = f'select {listed} from "{name}" limit {int(limit)}'  # noqa: S608 - checked names
        return self._database.rows(sql)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _one(self, name: str) -> list[Row]:
        return self._database.rows(
            "select id, type, labels, properties from graph_entities where id = :id", {"id": name}
        )


def _entity(row: Row) -> Entity:
    return Entity(row[0], row[1], json.loads(row[2]), json.loads(row[3]))


def _relation(row: Row) -> Relation:
    return Relation(row[0], row[1], row[2], json.loads(row[3]))
