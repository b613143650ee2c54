"""One run as it is written: its lines, its interrupts, its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from codeanatomy.workflow.journal import tables
from codeanatomy.workflow.journal.history import Reading, last_row
from codeanatomy.workflow.journal.lease import release
from codeanatomy.workflow.journal.lines import LaneLog, RunKeys
from codeanatomy.workflow.names import END
from codeanatomy.workflow.state import encode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from codeanatomy.workflow.journal.lease import Heartbeat, Lease

MAIN: Final = ""
"""The path of the main line."""


class RunLog:
    """A run that is being recorded; the thread is ours until `close`.

    `resumed` says that it goes on; `pause` is what the interrupt that it goes on from has kept.
    """

    ended = None

    def __init__(self, keys: RunKeys, config: dict[str, Any], heartbeat: Heartbeat) -> None:
        self.run_id = keys.run_id
        self.thread_id = keys.lease.thread_id
        self.config = config
        self.resumed = False
        self.pause: dict[str, Any] | None = None
        self._keys = keys
        self._main = LaneLog(keys, MAIN)
        self._heartbeat = heartbeat
        self._open = True
        heartbeat.add(keys.lease)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def lease(self) -> Lease:
        """The right to run the thread."""
        return self._keys.lease

    def lane(
        self, path: str = MAIN, state: Mapping[str, object] | None = None,
        parent: LaneLog | None = None,
    ) -> LaneLog:  # fmt: skip
        """Return the record of a line; one that has rows goes on at its `position`.

        A branch without rows begins on `state`; with the line it splits from as `parent` only what
        differs from that line's last recorded state is stored.
        """
        if path == MAIN:
            return self._main
        lane = LaneLog(self._keys, path)
        if not go_on(lane, self._keys):
            lane.begin(state or {}, parent)
        return lane

    def interrupt(
        self, node: str, when: str, state: Mapping[str, object], place: object = None
    ) -> str:
        """Keep a checkpoint and end the run for now; return the checkpoint's id.

        `place` is whatever data brings the run back to where it stands.
        """
        keys, now = self._keys, self._keys.clock()
        body = encode({"state": dict(state), "config": self.config, "place": place}, keys.secrets)
        with keys.database.transaction("interrupt") as execute:
            ((number,),) = execute(tables.COUNT_CHECKPOINTS, (keys.no,))
            made = f"{keys.run_id}.{number + 1}"
            execute(
                tables.ADD_CHECKPOINT,
                (made, keys.no, self._main.seq, node, when, body, now),
            )
            ended = ("interrupted", node, None, None, now, keys.no, keys.lease.no, keys.lease.token)
            if not execute(tables.END_RUN + " returning no", ended):
                raise keys.lost()
        keys.database.settle()  # people are slow: it must be there when they answer
        return made

    def finish(
        self,
        status: str,
        state: Mapping[str, object],
        *,
        output: object = None,
        node: str | None = None,
        error: str | None = None,
    ) -> None:
        """Write the end of the run: `final`, or `error` with the node and what went wrong.

        What differs from the last recorded state is kept of a final one; a failed run goes on from
        the state before its failure.
        """
        keys, now = self._keys, self._keys.clock()
        if status == "final":
            self._main.amend(state, END)
        values = (
            status,
            node,
            None if error is None else keys.secrets.clean(error),
            encode({"output": output}, keys.secrets),
            now,
            keys.no,
        )
        keys.write("finish", tables.END_RUN, values)

    def close(self) -> None:
        """Give the thread back; a run that was not finished counts as crashed."""
        if not self._open:
            return
        self._open = False
        self._heartbeat.remove(self._keys.lease)
        release(self._keys.database, self._keys.lease)


def go_on(lane: LaneLog, keys: RunKeys) -> bool:
    """Set a line to where its rows end; False where it has none."""
    reading = Reading(keys.database, keys.no, keys.secrets)
    found = reading.lane(lane.path)
    if found is None:
        return False
    place = last_row(reading, found)
    lane.go_on(found.no, place.position, place.seq, place.inputs)
    return True
