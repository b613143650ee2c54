"""The way between ledger and world: commands go into the world's queue, and are found again.

The world's queue is memory until a tick is committed; the ledger is its durable side. Every call
is made under the lock of its world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.ecs.errors import WorldMovedError
from codeanatomy.ecs.runtime.ledger import NEVER, renumbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codeanatomy.ecs.command import Command
    from codeanatomy.ecs.receipt import ErrorRow, Receipt
    from codeanatomy.ecs.runtime.ledger import Entry, Ledger
    from codeanatomy.ecs.world import World

MOST_ATTEMPTS = 3
"""A command whose ticks failed so often becomes a dead letter."""


def put(world: World, commands: Iterable[Command]) -> tuple[Command, ...]:
    """Queue checked commands: they get their numbers, and spawns without ids theirs."""
    queued = []
    for command in commands:
        placed = renumbered(command, world._number(), world.tick + 1)  # noqa: SLF001 - the queue's durable side
        if command.kind == "spawn" and not command.reserved:
            ids = world._work.ids.take(len(command.entity_id))  # noqa: SLF001 - as above
            ids.flags.writeable = False
            placed = _with_ids(placed, ids)
        queued.append(placed)
    world._queue.commands.extend(queued)  # noqa: SLF001 - as above
    return tuple(queued)


def put_again(world: World, commands: Sequence[Command]) -> tuple[Command, ...]:
    """Queue commands from the ledger: under the ids they have, which are handed out now."""
    ids = world._work.ids  # noqa: SLF001 - the queue's durable side
    for command in commands:
        if command.kind == "spawn" and int(command.entity_id.max()) >= ids.next_id:
            ids.take(int(command.entity_id.max()) + 1 - ids.next_id)
    queued = tuple(renumbered(c, world._number(), world.tick + 1) for c in commands)  # noqa: SLF001 - as above
    world._queue.commands.extend(queued)  # noqa: SLF001 - as above
    return queued


def withdraw(world: World, sequences: Iterable[int]) -> None:
    """Take commands out of the queue."""
    gone = set(sequences)
    queue = world._queue  # noqa: SLF001 - the queue's durable side
    queue.commands = [command for command in queue.commands if command.sequence not in gone]


def claim(world: World) -> None:
    """Take the store for this process; a store in memory is nobody else's."""
    take = getattr(world.backend, "_claim", None)
    if take is not None:
        take()


def moved(world: World) -> bool:
    """Say whether another process has written the store since it was opened."""
    check = getattr(world.backend, "_unmoved", None)
    if check is None:
        return False
    try:
        check()
    except WorldMovedError:
        return True
    return False


def note_applied(world: World, ledger: Ledger) -> None:
    """Write what the world's last commit says is applied: true whoever else has it open."""
    waiting = {command.sequence for command in world.pending}
    open_ = ledger.entries(["queued", "retryable"], limit=-1)
    done = [e for e in open_ if e.sequence < world.state.sequence]
    ledger.move([e for e in done if not waiting & set(_sequences(e))], "applied")


def as_committed(world: World, entry: Entry) -> Entry:
    """Show an entry as the world's last commit has it: what a crash took back waits again."""
    lost = entry.state == "applied" and entry.tick > world.tick
    if not lost or entry.sequence < world.state.sequence:
        return entry
    return entry._replace(state="queued", code="", message="")


def entries(world: World, ledger: Ledger, states: Sequence[str], limit: int) -> list[Entry]:
    """List entries in these states, as the world's last commit has them."""
    if not ledger.entries(["applied"], ticks=(world.tick + 1, 1 << 62), limit=1):
        return ledger.entries(states, limit=limit)
    shown = [as_committed(world, entry) for entry in ledger.entries(limit=-1)]
    return [entry for entry in shown if entry.state in states][:limit]


def settle(world: World, ledger: Ledger) -> None:
    """Bring the ledger in line with a world that was claimed, or went back to an earlier tick.

    What the world never committed is queued again, in the order of the ledger.
    """
    waiting = {command.sequence for command in world.pending}
    bound = world.state.sequence
    lost = ledger.entries(["applied", "rejected"], ticks=(world.tick + 1, 1 << 62), limit=-1)
    open_ = ledger.entries(["queued", "retryable"], limit=-1)
    for entry in sorted((*lost, *open_), key=lambda e: e.sequence):
        mine = set(_sequences(entry))
        if entry.sequence == NEVER or mine & waiting:
            continue
        if entry.sequence < bound:
            ledger.move([entry], "applied")
        else:
            ledger.place(entry, put_again(world, ledger.commands(entry.command_id)))
    withdraw(world, (s for e in ledger.entries(["dead-letter"], limit=-1) for s in _sequences(e)))


def applied(world: World, ledger: Ledger, receipt: Receipt) -> None:
    """Write what became of the commands of a tick that is committed."""
    due = ledger.entries(["queued", "retryable"], ticks=(-1, receipt.tick), limit=-1)
    waiting = {command.sequence for command in world.pending}
    done = [e for e in due if e.sequence < world.state.sequence and e.sequence not in waiting]
    refused = _by_entry(done, receipt.errors)
    ledger.move([e for e in done if e.command_id not in refused], "applied")
    for entry in done:
        if rows := refused.get(entry.command_id):
            asked = sum(len(c.entity_id) for c in ledger.commands(entry.command_id))
            ids = ", ".join(str(row.entity_id) for row in rows[:5])
            told = f"{len(rows)} of {asked} entities refused ({rows[0].code}): {ids}"
            state = "rejected" if len(rows) >= asked else "applied"
            ledger.move([entry], state, code=rows[0].code, message=told)  # type: ignore[arg-type] # one of the states


def failed(world: World, ledger: Ledger, error: Exception) -> None:
    """Write that the tick which took the due commands failed; too often makes dead letters."""
    due = ledger.entries(["queued", "retryable"], ticks=(-1, world.tick + 1), limit=-1)
    code = str(getattr(error, "code", "bug"))
    for entry in due:
        attempts = entry.attempts + 1
        dead = attempts >= MOST_ATTEMPTS
        ledger.move(
            [entry], "dead-letter" if dead else "retryable", attempts=attempts, code=code,
            message=str(error),
        )  # fmt: skip
        if dead:
            withdraw(world, _sequences(entry))


def _sequences(entry: Entry) -> range:
    return range(entry.sequence, entry.sequence + entry.parts)


def _by_entry(entries: list[Entry], errors: Iterable[ErrorRow]) -> dict[str, list[ErrorRow]]:
    owner = {s: entry.command_id for entry in entries for s in _sequences(entry)}
    found: dict[str, list[ErrorRow]] = {}
    for row in errors:
        if not row.source and row.sequence in owner:
            found.setdefault(owner[row.sequence], []).append(row)
    return found


def _with_ids(command: Command, ids: object) -> Command:
    from dataclasses import replace  # noqa: PLC0415 - only where ids are given

    return replace(command, entity_id=ids)  # type: ignore[arg-type] # int64 from the counter
