"""Operations of a scenario that read, branch and compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.ecs.world import World

HIDDEN = ("world_id", "run_id")


class Telling:
    """What is asked of the world in play, and of the branches a scenario has named."""

    world: World

    def __init__(self, world: World) -> None:
        self.world = world
        self.branches: dict[str, World] = {"root": world}

    def do_query(self, told: Mapping[str, Any]) -> None:
        """Ask for rows: `of` and the options of a query; `gives` names the values of each row."""
        asked = {key: value for key, value in told.items() if key not in {"of", "gives", "at"}}
        place = self.world if "at" not in told else self.world.at(told["at"])
        asked = {k: range(*v[1:]) if _is_range(v) else v for k, v in asked.items()}
        found = place.query(*told.get("of", ()), **asked)
        if "gives" in told:
            names = [name for name in found.column_names if name not in HIDDEN]
            if told["gives"]:
                names = [_column(names, field) for field in told["gives"][0]]
            rows = [list(row.values()) for row in found.select(names).to_pylist()]
            assert rows == [list(row.values()) for row in told["gives"]], rows

    def do_columns(self, told: Mapping[str, Any]) -> None:
        """Ask which columns rows have."""
        assert self.world.query(*told["of"]).column_names == told["gives"]

    def do_sql(self, told: Mapping[str, Any]) -> None:
        """Ask in SQL."""
        found = self.world.sql(told["text"])
        if "gives" in told:
            assert found.to_pylist() == told["gives"]

    def do_fork(self, told: Mapping[str, Any]) -> None:
        """Branch off the world in play, and play on in the branch."""
        branch = self.world.fork(told.get("at_tick"), told.get("seed"))
        self.branches[told["name"]] = branch
        self.world = branch

    def do_use(self, name: str) -> None:
        """Play on in another branch; `root` is the world of the beginning."""
        self.world = self.branches[name]

    def do_diff(self, told: Mapping[str, Any]) -> None:
        """Compare the world in play with another branch."""
        found = self.world.diff(self.branches[told["with"]], told.get("tick"))
        facts = {
            "same": found.same,
            "until": found.common.until_tick,
            "columns": {
                name: [list(row.values()) for row in rows.to_pylist()]
                for name, rows in found.columns.items()
            },
            "moved": [list(row.values()) for row in found.moved.to_pylist()],
            "left_only": found.left_only.tolist(),
            "right_only": found.right_only.tolist(),
            "left_born": found.left_born.tolist(),
            "right_born": found.right_born.tolist(),
        }
        for name, value in told.items():
            if name in facts:
                assert facts[name] == value, (name, facts[name])

    def do_replay(self, told: Mapping[str, Any]) -> None:
        """Make ticks again and compare."""
        found = self.world.replay(told.get("from_tick"))
        assert found.differences == ()
        assert found.to_tick == self.world.tick

    def do_at(self, told: Mapping[str, Any]) -> None:
        """Check the facts of a moment."""
        past = self.world.at(told["tick"])
        if "population" in told:
            assert past.population == told["population"]
        if "resources" in told:
            assert dict(past.resources) == told["resources"]

    def do_lineage(self, told: list[list[Any]]) -> None:
        """Check the ancestors by the names the scenario gave them: [name, until tick]."""
        names = {world.birth.world_id: name for name, world in self.branches.items()}
        assert [[names[a.world_id], a.until_tick] for a in self.world.lineage] == told

    def do_external(self, told: Mapping[str, Any]) -> None:
        """Give the world what is not recorded."""
        self.world.external.update(told)


def _column(names: list[str], field: str) -> str:
    short = {"id": "entity_id", "active": "is_active"}.get(field, field)
    return next(name for name in names if name == short or name.endswith(f"__{short}"))


def _is_range(value: object) -> bool:
    return isinstance(value, list) and value[:1] == ["range"]
