"""The broker's ledger: every command of a world, durable, in the order (tick, priority, sequence).

Whether a command is applied is not written here first: it is read from the world, whose commit of
a tick holds the number of the next command and the commands that wait. A row says "applied" when
the commit that holds its command does; rows are brought in line after a tick and on reopening.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, cast

from codeanatomy.ecs.backend.value import decode, encode
from codeanatomy.ecs.runtime.errors import CommandConflictError, UnknownCommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeanatomy.ecs.command import Command
    from codeanatomy.ecs.runtime.book import Book
    from codeanatomy.ecs.runtime.order import Order

State: TypeAlias = Literal["queued", "applied", "rejected", "retryable", "dead-letter"]
STATES: Mapping[State, str] = MappingProxyType(
    {
        "queued": "It is durable and waits for its tick.",
        "applied": "Its tick is committed.",
        "rejected": "It is not valid, or was refused for every entity.",
        "retryable": "Its tick failed; it waits for the next try.",
        "dead-letter": "It failed too often and waits for a person.",
    }
)
"""What may have become of a command."""
NEVER = -1
"""The sequence of a command that was never queued."""

_FIELDS = (
    "command_id, actor, kind, tick, priority, sequence, parts, state, attempts, code, message, ids"
)


class Entry(NamedTuple):
    """A command in the ledger.

    `tick` is the one it is due at, or was applied at; `sequence` its place in the queue, the
    first of `parts` where it became several (a `where` over several tables). `ids` are those a
    spawn was given: first and count for each part. `state` is one of `STATES`.
    """

    command_id: str
    actor: str
    kind: str
    tick: int
    priority: int
    sequence: int
    parts: int
    state: State
    attempts: int
    code: str
    message: str
    ids: tuple[tuple[int, int], ...]

    def as_data(self) -> dict[str, object]:
        """Give the entry as plain data."""
        found = self._asdict()
        del found["sequence"], found["parts"]
        spans = found.pop("ids")
        return found | {"entities": [[first, count] for first, count in spans]}


class Ledger:
    """The commands of one world."""

    def __init__(self, book: Book, world_id: str) -> None:
        self._book = book
        self._world_id = world_id

    def known(self, command_id: str, digest: bytes) -> Entry | None:
        """Give the entry of this command; the same id with other content is a conflict."""
        sql = f"select digest, {_FIELDS} from ledger where world_id = ? and command_id = ?"  # noqa: S608 - our own columns
        rows = self._book.rows(sql, (self._world_id, command_id))
        if not rows:
            return None
        if rows[0][0] != digest:
            raise CommandConflictError(
                f"the command {command_id!r} is known with other content; a new command needs a "
                "new id",
                command_id=command_id,
            )
        return _entry(rows[0][1:])

    def entry(self, command_id: str) -> Entry:
        """Give one entry."""
        sql = f"select {_FIELDS} from ledger where world_id = ? and command_id = ?"  # noqa: S608 - our own columns
        rows = self._book.rows(sql, (self._world_id, command_id))
        if not rows:
            raise UnknownCommandError(f"no command {command_id!r} in this ledger", name=command_id)
        return _entry(rows[0])

    def entries(
        self,
        states: Iterable[str] = STATES,
        *,
        ticks: tuple[int, int] | None = None,
        limit: int = 1000,
    ) -> list[Entry]:
        """List entries in the order (tick, priority, sequence)."""
        wanted = list(states)
        marks = ", ".join("?" * len(wanted))
        first, last = ticks or (-1, 1 << 62)
        sql = (
            f"select {_FIELDS} from ledger where world_id = ? and state in ({marks}) "  # noqa: S608 - our own columns
            "and tick between ? and ? order by tick, priority, sequence limit ?"
        )
        values = (self._world_id, *wanted, first, last, limit)
        return [_entry(row) for row in self._book.rows(sql, values)]

    def counts(self) -> dict[str, int]:
        """Count the entries in each state."""
        sql = "select state, count(*) from ledger where world_id = ? group by state"
        found = dict(cast("list[tuple[str, int]]", self._book.rows(sql, (self._world_id,))))
        return {state: found.get(state, 0) for state in STATES}

    def commands(self, command_id: str) -> tuple[Command, ...]:
        """Give what an entry queues."""
        sql = "select body from ledger where world_id = ? and command_id = ?"
        rows = self._book.rows(sql, (self._world_id, command_id))
        return tuple(decode(cast("bytes", rows[0][0]))) if rows else ()

    def accept(
        self, actor: str, command_id: str, order: Order, queued: tuple[Command, ...], moment: float
    ) -> Entry:
        """Write a command that is in the queue."""
        entry = Entry(
            command_id, actor, order.kind, order.tick, order.priority,
            queued[0].sequence if queued else NEVER, len(queued),
            "queued" if queued else "rejected", 0,
            "" if queued else "nothing-to-do", "" if queued else "it names no entity",
            _spans(queued),
        )  # fmt: skip
        self._insert(entry, order.digest, queued, moment)
        return entry

    def reject(
        self,
        actor: str,
        command_id: str,
        kind: str,
        tick: int,
        digest: bytes,
        code: str,
        message: str,
        moment: float,
    ) -> Entry:
        """Write a command that is not valid."""
        entry = Entry(command_id, actor, kind, tick, 0, NEVER, 0, "rejected", 0, code, message, ())
        self._insert(entry, digest, (), moment)
        return entry

    def move(
        self,
        entries: Iterable[Entry],
        state: State,
        *,
        attempts: int | None = None,
        code: str = "",
        message: str = "",
    ) -> None:
        """Bring entries into another state."""
        sql = (
            "update ledger set state = ?, attempts = coalesce(?, attempts), code = ?, message = ? "
            "where world_id = ? and command_id = ?"
        )
        values = [(state, attempts, code, message, self._world_id, e.command_id) for e in entries]
        if values:
            self._book.write_many(sql, values)

    def place(self, entry: Entry, queued: tuple[Command, ...]) -> None:
        """Write the new place of an entry that was queued again."""
        self._book.write(
            "update ledger set state = 'queued', tick = ?, sequence = ?, parts = ?, body = ?, "
            "ids = ? where world_id = ? and command_id = ?",
            (
                queued[0].tick, queued[0].sequence, len(queued), encode(queued),
                encode(_spans(queued)), self._world_id, entry.command_id,
            ),
        )  # fmt: skip

    def inherit(self, parent: str, sequences: Iterable[int]) -> None:
        """Take over the entries of a parent whose commands wait in this branch too."""
        rows = [(self._world_id, parent, sequence) for sequence in sequences]
        if rows:
            self._book.write_many(
                "insert or ignore into ledger select ?, command_id, digest, actor, kind, tick, "
                "priority, sequence, parts, 'queued', 0, '', '', body, ids, submitted from ledger "
                "where world_id = ? and sequence = ?",
                rows,
            )

    def _insert(
        self, entry: Entry, digest: bytes, queued: tuple[Command, ...], moment: float
    ) -> None:
        columns = (
            "world_id, command_id, digest, actor, kind, tick, priority, sequence, parts, state, "
            "attempts, code, message, body, ids, submitted"
        )
        self._book.write(
            f"insert into ledger ({columns}) values ({', '.join('?' * 16)})",  # noqa: S608 - our own columns
            (
                self._world_id, entry.command_id, digest, entry.actor, entry.kind, entry.tick,
                entry.priority, entry.sequence, entry.parts, entry.state, entry.attempts,
                entry.code, entry.message, encode(queued), encode(entry.ids), moment,
            ),
        )  # fmt: skip


def renumbered(command: Command, sequence: int, tick: int) -> Command:
    """Give a command another place in the queue."""
    return replace(command, sequence=sequence, tick=max(command.tick, tick))


def _spans(queued: tuple[Command, ...]) -> tuple[tuple[int, int], ...]:
    return tuple(
        (int(command.entity_id[0]), len(command.entity_id))
        for command in queued
        if command.kind == "spawn"
    )


def _entry(row: tuple[object, ...]) -> Entry:
    *fields, ids = row
    return Entry(*fields, ids=tuple(tuple(span) for span in decode(cast("bytes", ids))))  # type: ignore[arg-type, misc] # the columns of the table
