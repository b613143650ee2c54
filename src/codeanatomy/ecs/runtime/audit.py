"""The audit: one row for every gated call, never changed, without what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from codeanatomy.ecs.runtime.book import Book
    from codeanatomy.ecs.runtime.role import Actor

Outcome: TypeAlias = Literal["done", "denied", "failed"]


class AuditRow(NamedTuple):
    """Who called what, and how it ended; `code` is that of the error, empty when done.

    `tick` is the world's when the call began; nothing where no world is meant.
    """

    number: int
    moment: float
    actor: str
    role: str
    operation: str
    world: str
    world_id: str
    tick: int | None
    commands: int
    units: int
    outcome: Outcome
    code: str


class Audit:
    """The rows, in the book; they outlive their worlds."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def append(  # noqa: PLR0913 - the columns of a row
        self,
        actor: Actor,
        operation: str,
        moment: float,
        *,
        world: str = "",
        world_id: str = "",
        tick: int | None = None,
        commands: int = 0,
        units: int = 0,
        outcome: Outcome = "done",
        code: str = "",
    ) -> None:
        """Append one row."""
        self._book.write(
            "insert into audit (moment, actor, role, operation, world, world_id, tick, commands, "
            "units, outcome, code) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                moment, actor.name, actor.role.title, operation, world, world_id, tick, commands,
                units, outcome, code,
            ),
        )  # fmt: skip

    def rows(
        self, *, after: int = 0, limit: int = 1000, world: str | None = None
    ) -> list[AuditRow]:
        """Read rows in the order they were written."""
        sql = (
            "select * from audit where number > ? and (? is null or world = ?) "
            "order by number limit ?"
        )
        return [AuditRow(*row) for row in self._book.rows(sql, (after, world, world, limit))]  # type: ignore[arg-type] # the columns of the table
