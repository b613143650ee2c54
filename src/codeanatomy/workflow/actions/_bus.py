"""Where agents leave messages for each other: mailboxes, a roll of members, shared values."""

from __future__ import annotations

import json
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.workflow.memory.database import open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codeanatomy.workflow.memory.database import Database, Row

State = dict[str, Any]
_TABLES = """
create table if not exists bus_members (
  space text not null, id text not null, kind text, capabilities text not null,
  metadata text not null, status text not null, seen double precision not null,
  primary key (space, id))

create table if not exists bus_messages (
  space text not null, recipient text not null, id text not null, sender text not null,
  kind text not null, body text not null, correlation text, sent double precision not null,
  expires double precision, primary key (space, recipient, id))

create table if not exists bus_values (
  space text not null, key text not null, value text not null, version integer not null,
  expires double precision, primary key (space, key))
"""
_POLL = 0.01  # seconds between two looks into a mailbox
_SILENT = 60.0  # seconds without a sign after which a member counts as away


class Message(NamedTuple):
    """What one agent told another."""

    id: str
    sender: str
    recipient: str
    kind: str
    body: Any
    correlation: str | None
    sent: float  # seconds since the epoch


class Bus:
    """Mailboxes of one space, in a database that several engines or processes may share."""

    def __init__(
        self, database: Database, space: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._space = space
        self._clock = clock
        database.script(_TABLES)

    def join(self, agent: str, kind: str | None, capabilities: Sequence[str], facts: State) -> None:
        """Put an agent on the roll."""
        self._run(
            "insert into bus_members (space, id, kind, capabilities, metadata, status, seen)"
            " values (:space, :id, :kind, :able, :facts, 'active', :now)"
            " on conflict (space, id) do update set kind = excluded.kind,"
            " capabilities = excluded.capabilities, metadata = excluded.metadata,"
            " status = 'active', seen = excluded.seen",
            id=agent,
            kind=kind,
            able=json.dumps(list(capabilities)),
            facts=json.dumps(facts, default=str),
            now=self._clock(),
        )

    def leave(self, agent: str) -> bool:
        """Take an agent off the roll; say whether it was on it."""
        there = any(one["agent_id"] == agent for one in self.members())
        self._run("delete from bus_members where space = :space and id = :id", id=agent)
        return there

    def beat(self, agent: str) -> float:
        """Note that an agent is alive; return the moment."""
        now = self._clock()
        self._run(
            "update bus_members set seen = :now, status = 'active'"
            " where space = :space and id = :id",
            id=agent,
            now=now,
        )
        return now

    def members(self) -> list[State]:
        """List the agents on the roll, by id."""
        rows = self._run(
            "select id, kind, capabilities, metadata, seen from bus_members"
            " where space = :space order by id"
        )
        return [self._member(row) for row in rows]

    def post(
        self,
        message: Message,
        ttl: float | None = None,
    ) -> None:
        """Leave a message in its recipient's mailbox, for `ttl` seconds."""
        self._run(
            "insert into bus_messages (space, recipient, id, sender, kind, body, correlation,"
            " sent, expires) values (:space, :recipient, :id, :sender, :kind, :body,"
            " :correlation, :sent, :expires)",
            **{**message._asdict(), "body": json.dumps(message.body, default=str)},
            expires=None if ttl is None else message.sent + ttl,
        )

    def message(
        self, sender: str, recipient: str, kind: str, body: Any, correlation: str | None = None
    ) -> Message:
        """Return a message with a new id, sent now."""
        name = uuid.uuid4().hex
        return Message(name, sender, recipient, kind, body, correlation, self._clock())

    def take(
        self, agent: str, fits: Callable[[Message], bool], most: int | None = None
    ) -> list[Message]:
        """Take the fitting messages out of a mailbox, the oldest first."""
        with self._database.transaction():
            self._run(
                "delete from bus_messages where space = :space and expires <= :now",
                now=self._clock(),
            )
            rows = self._run(
                "select id, sender, recipient, kind, body, correlation, sent from bus_messages"
                " where space = :space and recipient = :agent order by sent, id",
                agent=agent,
            )
            found = [_message(row) for row in rows]
            wanted = [message for message in found if fits(message)][:most]
            return [message for message in wanted if self._takes(message)]

    def wait(
        self, agent: str, fits: Callable[[Message], bool], timeout: float, enough: int = 1
    ) -> list[Message]:
        """Take fitting messages, waiting until there are `enough` or the time is over."""
        end = time.monotonic() + timeout
        found = self.take(agent, fits)
        while len(found) < enough and time.monotonic() < end:
            time.sleep(_POLL)
            found += self.take(agent, fits)
        return found

    def value(self, key: str) -> tuple[Any, int] | None:
        """Return a shared value and its version, or None."""
        rows = self._run(
            "select value, version, expires from bus_values where space = :space and key = :key",
            key=key,
        )
        if not rows or (rows[0][2] is not None and rows[0][2] <= self._clock()):
            return None
        return json.loads(rows[0][0]), rows[0][1]

    def put(self, key: str, value: Any, ttl: float | None, expected: int | None) -> int | None:
        """Set a shared value and return its new version; None if it is not the expected one."""
        text, now = json.dumps(value, default=str), self._clock()
        over = "delete from bus_values where space = :space and key = :key and expires <= :now"
        self._run(over, key=key, now=now)
        while True:
            found = self.value(key)
            version = found[1] if found else 0
            if expected is not None and expected != version:
                return None
            written = self._run(
                "insert into bus_values (space, key, value, version, expires)"
                " values (:space, :key, :value, :next, :expires) on conflict (space, key)"
                " do update set value = excluded.value, version = excluded.version,"
                " expires = excluded.expires where bus_values.version = :version"
                " returning version",
                key=key,
                value=text,
                version=version,
                next=version + 1,
                expires=None if ttl is None else now + ttl,
            )
            if written:
                return version + 1

    def _takes(self, message: Message) -> bool:
        """Take one message; False when another reader was faster."""
        return bool(
            self._run(
                "delete from bus_messages where space = :space and recipient = :agent"
                " and id = :id returning id",
                agent=message.recipient,
                id=message.id,
            )
        )

    def _member(self, row: Row) -> State:
        name, kind, able, facts, seen = row
        away = self._clock() - seen > _SILENT
        return {
            "agent_id": name,
            "agent_type": kind,
            "capabilities": json.loads(able),
            "metadata": json.loads(facts),
            "status": "away" if away else "active",
            "last_seen": seen,
        }

    def _run(self, sql: str, **params: object) -> list[Row]:
        return self._database.rows(sql, {"space": self._space, **params})


def _message(row: Row) -> Message:
    name, sender, recipient, kind, body, correlation, sent = row
    return Message(name, sender, recipient, kind, json.loads(body), correlation, sent)


class Shared:
    """The databases of this process by address; one is closed when its last user lets go."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, tuple[Database, int]] = {}

    def take(self, where: str) -> Database:
        """Open a database, or share the one that is open."""
        with self._lock:
            database, users = self._open.get(where, (None, 0))
            database = database or open_database(":memory:" if where == "memory" else where)
            self._open[where] = (database, users + 1)
            return database

    def give_back(self, where: str) -> None:
        """Say that one user is done with it."""
        with self._lock:
            database, users = self._open.pop(where)
            if users > 1:
                self._open[where] = (database, users - 1)
            else:
                database.close()


SHARED = Shared()
