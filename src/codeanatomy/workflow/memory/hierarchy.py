"""Memories that belong to entities in a hierarchy, where what belongs above is inherited below."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.workflow.memory.database import Database, open_database
from codeanatomy.workflow.memory.errors import EntityError
from codeanatomy.workflow.memory.long import Answer, failure
from codeanatomy.workflow.memory.tabular import TabularMemory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codeanatomy.workflow.memory.database import Row

_TABLES = """
create table if not exists memory_entities (
  type text not null, id text not null, parent_type text, parent_id text, metadata text not null,
  primary key (type, id))

create table if not exists memory_paths (
  above_type text not null, above_id text not null, type text not null, id text not null,
  distance integer not null, primary key (above_type, above_id, type, id))

create index if not exists memory_paths_below on memory_paths (type, id, distance)

create table if not exists memory_owners (
  entry_key text not null, type text not null, id text not null,
  primary key (type, id, entry_key))

create index if not exists memory_owners_by_entry on memory_owners (entry_key)
"""
_PATHS_BETWEEN = """
insert into memory_paths (above_type, above_id, type, id, distance)
select up.above_type, up.above_id, down.type, down.id, up.distance + down.distance + 1
from memory_paths up cross join memory_paths down
where up.type = :parent_type and up.id = :parent_id
  and down.above_type = :type and down.above_id = :id
"""
_CUT = """
delete from memory_paths
where exists (select 1 from memory_paths down where down.above_type = :type
    and down.above_id = :id and down.type = memory_paths.type and down.id = memory_paths.id)
  and not exists (select 1 from memory_paths down where down.above_type = :type
    and down.above_id = :id and down.type = memory_paths.above_type
    and down.id = memory_paths.above_id)
"""


class EntityName(NamedTuple):
    """What an entity is called: its type (such as `project`) and its id within that type."""

    type: str
    id: str


class EntityHierarchy:
    """Entities, their parents, and the entries that belong to them, on a closure table.

    With `levels` (such as `("org", "project", "user")`) a parent is of an earlier level.
    """

    def __init__(self, database: Database | str = ":memory:", levels: Sequence[str] = ()) -> None:
        self._database = open_database(database) if isinstance(database, str) else database
        self.levels = tuple(levels)
        self._database.script(_TABLES)

    def register_entity(
        self,
        entity_type: str,
        entity_id: str,
        parent: tuple[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Add an entity below its parent; one that is there moves only to another parent."""
        name = EntityName(entity_type, str(entity_id))
        above = None if parent is None else EntityName(parent[0], str(parent[1]))
        self._fits(name, above)
        facts = json.dumps(dict(metadata or {}))
        with self._database.transaction():
            created = self._add(name, facts)
            if created:
                self._hang(name, above)
            else:
                self._update(name, facts if metadata is not None else None)
                if above is not None and self.parent(*name) != above:
                    self.move(*name, above)
        return {
            "success": True,
            "entity_type": name.type,
            "entity_id": name.id,
            "parent": tuple(above) if above else None,
            "created": created,
        }

    def exists(self, entity_type: str, entity_id: str) -> bool:
        """Say whether the entity is registered."""
        return bool(self._entity(EntityName(entity_type, entity_id)))

    def entity(self, entity_type: str, entity_id: str) -> dict[str, Any] | None:
        """Return type, id, parent and metadata of an entity, or None."""
        found = self._entity(EntityName(entity_type, entity_id))
        if not found:
            return None
        parent_type, parent_id, metadata = found[0]
        parent = None if parent_type is None else EntityName(parent_type, parent_id)
        facts = json.loads(metadata)
        return {"type": entity_type, "id": entity_id, "parent": parent, "metadata": facts}

    def parent(self, entity_type: str, entity_id: str) -> EntityName | None:
        """Return the entity above, or None at the top."""
        found = self.entity(entity_type, entity_id)
        above: EntityName | None = found["parent"] if found else None
        return above

    def ancestors(self, entity_type: str, entity_id: str) -> list[EntityName]:
        """List the entities above, the nearest first."""
        return self._names(
            "select above_type, above_id from memory_paths"
            " where type = :type and id = :id and distance > 0 order by distance",
            EntityName(entity_type, entity_id),
        )

    def descendants(self, entity_type: str, entity_id: str) -> list[EntityName]:
        """List the entities below, the nearest first."""
        return self._names(
            "select type, id from memory_paths where above_type = :type and above_id = :id"
            " and distance > 0 order by distance, type, id",
            EntityName(entity_type, entity_id),
        )

    def children(self, entity_type: str, entity_id: str) -> list[EntityName]:
        """List the entities directly below."""
        return self._names(
            "select type, id from memory_entities"
            " where parent_type = :type and parent_id = :id order by type, id",
            EntityName(entity_type, entity_id),
        )

    def move(self, entity_type: str, entity_id: str, new_parent: tuple[str, str] | None) -> None:
        """Hang an entity, with all below it, under another one, or at the top."""
        name = self._known(EntityName(entity_type, str(entity_id)))
        above = None if new_parent is None else EntityName(new_parent[0], str(new_parent[1]))
        self._fits(name, above)
        with self._database.transaction():
            if above is not None and (above == name or above in self.descendants(*name)):
                raise EntityError(
                    f"{_shown(name)} cannot move below itself: {_shown(above)} is below it",
                    entity=tuple(name),
                    parent=tuple(above),
                )
            self._database.rows(_CUT, name._asdict())
            self._hang(name, above)

    def delete(self, entity_type: str, entity_id: str, *, cascade: bool = False) -> int:
        """Remove an entity and its ownership of entries; return how many entities went.

        What is below moves up to its parent, or goes too with `cascade`. Entries stay.
        """
        name = self._known(EntityName(entity_type, str(entity_id)))
        with self._database.transaction():
            gone = [name, *(self.descendants(*name) if cascade else ())]
            if not cascade:
                above = self.parent(*name)
                for child in self.children(*name):
                    self.move(*child, above)
            for each in gone:
                self._remove(each)
        return len(gone)

    def associate_entry(self, entry_key: str, entity_type: str, entity_id: str) -> None:
        """Say that an entry belongs to an entity; saying it twice changes nothing."""
        name = self._known(EntityName(entity_type, str(entity_id)))
        self._database.rows(
            "insert into memory_owners (entry_key, type, id) values (:entry, :type, :id)"
            " on conflict (type, id, entry_key) do nothing",
            {"entry": str(entry_key), **name._asdict()},
        )

    def dissociate_entry(self, entry_key: str, entity_type: str, entity_id: str) -> None:
        """Say that an entry no longer belongs to an entity."""
        self._database.rows(
            "delete from memory_owners where entry_key = :entry and type = :type and id = :id",
            {"entry": str(entry_key), "type": entity_type, "id": str(entity_id)},
        )

    def get_entries_for_entity(
        self,
        entity_type: str,
        entity_id: str,
        *,
        include_inherited: bool = True,
        include_descendants: bool = False,
    ) -> list[str]:
        """List keys: the entity's own, then those of its ancestors, then of its descendants."""
        name = self._known(EntityName(entity_type, str(entity_id)))
        owners = [name]
        owners += self.ancestors(*name) if include_inherited else []
        owners += self.descendants(*name) if include_descendants else []
        keys = [key for owner in owners for key in self._own(owner)]
        return list(dict.fromkeys(keys))

    def get_entities_for_entry(self, entry_key: str) -> list[EntityName]:
        """List the entities that an entry belongs to itself."""
        rows = self._database.rows(
            "select type, id from memory_owners where entry_key = :entry order by type, id",
            {"entry": str(entry_key)},
        )
        return [EntityName(*row) for row in rows]

    def forget_entry(self, entry_key: str) -> None:
        """Let an entry belong to nothing."""
        self._database.rows(
            "delete from memory_owners where entry_key = :entry", {"entry": str(entry_key)}
        )

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _fits(self, name: EntityName, above: EntityName | None) -> None:
        for each in (name, above):
            if each is not None and self.levels and each.type not in self.levels:
                raise EntityError(
                    f"unknown entity type {each.type!r}; the levels are {list(self.levels)}",
                    entity=tuple(each),
                )
        if above is None:
            return
        self._known(above)
        if self.levels and self.levels.index(above.type) >= self.levels.index(name.type):
            raise EntityError(
                f"{_shown(name)} cannot stand below {_shown(above)};"
                f" the levels from the top are {list(self.levels)}",
                entity=tuple(name),
                parent=tuple(above),
            )

    def _known(self, name: EntityName) -> EntityName:
        if not self._entity(name):
            raise EntityError(
                f"entity {_shown(name)} is not registered; call register_entity first",
                entity=tuple(name),
            )
        return name

    def _entity(self, name: EntityName) -> list[Row]:
        return self._database.rows(
            "select parent_type, parent_id, metadata from memory_entities"
            " where type = :type and id = :id",
            name._asdict(),
        )

    def _add(self, name: EntityName, facts: str) -> bool:
        """Add an entity at the top; False when it is there."""
        new = self._database.rows(
            "insert into memory_entities (type, id, metadata) values (:type, :id, :facts)"
            " on conflict (type, id) do nothing returning id",
            {**name._asdict(), "facts": facts},
        )
        if new:
            self._database.rows(
                "insert into memory_paths (above_type, above_id, type, id, distance)"
                " values (:type, :id, :type, :id, 0)",
                name._asdict(),
            )
        return bool(new)

    def _hang(self, name: EntityName, above: EntityName | None) -> None:
        facts = {
            **name._asdict(),
            "parent_type": above.type if above else None,
            "parent_id": above.id if above else None,
        }
        self._database.rows(
            "update memory_entities set parent_type = :parent_type, parent_id = :parent_id"
            " where type = :type and id = :id",
            facts,
        )
        if above is not None:
            self._database.rows(_PATHS_BETWEEN, facts)

    def _update(self, name: EntityName, facts: str | None) -> None:
        if facts is not None:
            self._database.rows(
                "update memory_entities set metadata = :facts where type = :type and id = :id",
                {**name._asdict(), "facts": facts},
            )

    def _remove(self, name: EntityName) -> None:
        for statement in (
            "delete from memory_owners where type = :type and id = :id",
            "delete from memory_paths where type = :type and id = :id",
            "delete from memory_paths where above_type = :type and above_id = :id",
            "delete from memory_entities where type = :type and id = :id",
        ):
            self._database.rows(statement, name._asdict())

    def _own(self, name: EntityName) -> list[str]:
        rows = self._database.rows(
            "select entry_key from memory_owners where type = :type and id = :id"
            " order by entry_key",
            name._asdict(),
        )
        return [key for (key,) in rows]

    def _names(self, sql: str, name: EntityName) -> list[EntityName]:
        rows = self._database.rows(sql, {"type": name.type, "id": str(name.id)})
        return [EntityName(*row) for row in rows]


class HierarchicalBackend(TabularMemory):
    """Long-term memory whose entries belong to entities; `hierarchy` holds who owns what.

    An entry stored with metadata `{"entity": ["project", "alpha"]}` is associated at once.
    """

    def __init__(self, url: str = ":memory:", levels: Sequence[str] = ()) -> None:
        database = open_database(url)
        super().__init__(database)
        self.hierarchy = EntityHierarchy(database, levels)

    def store(self, key: str, value: object, metadata: dict[str, Any] | None = None) -> Answer:
        """Keep a JSON value, and associate it with the entity that its metadata names."""
        try:
            return super().store(key, value, metadata)
        except EntityError as wrong:
            return failure(str(wrong), "validation_error")

    def register_entity(
        self,
        entity_type: str,
        entity_id: str,
        parent: tuple[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Add an entity below its parent."""
        return self.hierarchy.register_entity(entity_type, entity_id, parent, metadata)

    def associate_entry(self, entry_key: str, entity_type: str, entity_id: str) -> None:
        """Say that an entry belongs to an entity."""
        self.hierarchy.associate_entry(entry_key, entity_type, entity_id)

    def get_entries_for_entity(
        self, entity_type: str, entity_id: str, *, include_inherited: bool = True
    ) -> list[dict[str, Any]]:
        """Return key, value and metadata of the entries that an entity has or inherits."""
        keys = self.hierarchy.get_entries_for_entity(
            entity_type, entity_id, include_inherited=include_inherited
        )
        found = [(key, self.retrieve(key)) for key in keys]
        return [
            {"key": key, "value": one["value"], "metadata": one["metadata"]}
            for key, one in found
            if one["found"]
        ]

    def _written(self, entry: dict[str, Any], *, created: bool) -> None:
        super()._written(entry, created=created)
        owner = json.loads(entry["metadata"]).get("entity")
        if isinstance(owner, list) and len(owner) == 2:  # noqa: PLR2004 - a type and an id
            self.hierarchy.associate_entry(entry["key"], str(owner[0]), str(owner[1]))

    def _remove(self, key: str) -> bool:
        self.hierarchy.forget_entry(key)
        return super()._remove(key)


def _shown(name: EntityName) -> str:
    return f"{name.type}:{name.id}"
