"""Submitting: a batch of commands is checked whole, then charged, queued and written at once."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.ecs.errors import InvalidCommandError
from codeanatomy.ecs.runtime import queue
from codeanatomy.ecs.runtime.errors import (
    BatchRefusedError,
    CommandConflictError,
    QuotaError,
    RoleError,
)
from codeanatomy.ecs.runtime.gate import check_role
from codeanatomy.ecs.runtime.ledger import NEVER
from codeanatomy.ecs.runtime.operation import COMMANDS, operation_of
from codeanatomy.ecs.runtime.order import digest_of, kind_of, order_of
from codeanatomy.kernel.errors import AnatomyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codeanatomy.ecs.runtime.gate import Call
    from codeanatomy.ecs.runtime.ledger import Entry
    from codeanatomy.ecs.runtime.order import Order
    from codeanatomy.ecs.runtime.role import Actor
    from codeanatomy.ecs.runtime.worlds import Held, Worlds

MOST_COMMANDS = 10_000
"""How many commands one batch may have, whatever the quotas."""


class _Checked(NamedTuple):
    """What became of one command of a batch: known from before, checked, or refused."""

    command_id: str
    known: Entry | None = None
    order: Order | None = None
    error: AnatomyError | None = None


def submit(
    worlds: Worlds, actor: Actor, name: str, batch: Sequence[Mapping[str, object]]
) -> list[Entry]:
    """Queue a batch; raises the error of a single command, `BatchRefusedError` for several."""
    with worlds.gate.call(actor, _operation(batch), name) as call:
        call.commands = len(batch)
        if not 0 < len(batch) <= MOST_COMMANDS:
            raise InvalidCommandError(
                f"a batch has 1 to {MOST_COMMANDS:,} commands, not {len(batch)}"
            )
        for asked in batch:
            if asked.get("kind") in COMMANDS:
                check_role(actor, str(asked["kind"]))
        held = worlds.writable(name)
        with held.lock:
            call.about(held.row.world_id, held.world.tick)
            checked = _check(held, actor, batch)
            if any(one.error for one in checked):
                _refuse(held, actor, batch, checked, worlds.clock())
            return _accept(worlds, held, actor, call, checked)


_LONGEST = 200


def _operation(batch: Sequence[Mapping[str, object]]) -> str:
    """Name the call in the audit: the kind of all its commands, or a batch of several kinds."""
    kinds = {str(asked.get("kind")) for asked in batch}
    return kinds.pop() if len(kinds) == 1 and kinds <= set(COMMANDS) else "batch"


def _check(held: Held, actor: Actor, batch: Sequence[Mapping[str, object]]) -> list[_Checked]:
    checked: list[_Checked] = []
    earlier: dict[str, bytes] = {}
    for asked in batch:
        told = asked.get("id")
        command_id = str(told)[:_LONGEST] if told is not None else uuid.uuid4().hex
        try:
            checked.append(_one(held, actor, asked, command_id, earlier))
        except AnatomyError as error:
            checked.append(_Checked(command_id, error=error))
    return checked


def _one(
    held: Held,
    actor: Actor,
    asked: Mapping[str, object],
    command_id: str,
    earlier: dict[str, bytes],
) -> _Checked:
    kind_of(asked)
    told = asked.get("id")
    if told is not None and (not isinstance(told, str) or not 0 < len(told) <= _LONGEST):
        raise InvalidCommandError(f"the id of a command is a text of 1 to {_LONGEST} letters")
    digest = digest_of({**asked, "actor": actor.name})
    if earlier.setdefault(command_id, digest) != digest:
        raise CommandConflictError(
            f"two commands of this batch are called {command_id!r} and differ",
            command_id=command_id,
        )
    known = held.ledger.known(command_id, digest)
    if known is None:
        return _Checked(command_id, order=order_of(asked, held.world)._replace(digest=digest))
    if known.state == "rejected" and known.sequence == NEVER:
        raise InvalidCommandError(
            f"{command_id!r} was rejected ({known.code}): {known.message}",
            command_id=command_id,
            rejected=known.code,
        )
    return _Checked(command_id, known=known)


def _refuse(
    held: Held,
    actor: Actor,
    batch: Sequence[Mapping[str, object]],
    checked: list[_Checked],
    moment: float,
) -> None:
    """Write what is not valid as rejected, and raise."""
    refused = []
    for place, (asked, one) in enumerate(zip(batch, checked, strict=True)):
        if one.error is None:
            continue
        refused.append({
            "position": place, "id": asked.get("id"), "code": one.error.code,
            "message": str(one.error),
        })  # fmt: skip
        if not isinstance(one.error, CommandConflictError | QuotaError | RoleError):
            _reject(held, actor, asked, one, moment)
    if len(batch) == 1 and checked[0].error is not None:
        raise checked[0].error
    raise BatchRefusedError(
        f"{len(refused)} of {len(batch)} commands are refused and none was queued; the first, at "
        f"{refused[0]['position']}: {refused[0]['message']}",
        refused=refused,
    )


def _reject(
    held: Held, actor: Actor, asked: Mapping[str, object], one: _Checked, moment: float
) -> None:
    digest = digest_of({**asked, "actor": actor.name})
    if one.error is None or held.ledger.known(one.command_id, digest) is not None:
        return
    held.ledger.reject(
        actor.name, one.command_id, str(asked.get("kind"))[:20], held.world.tick + 1, digest,
        one.error.code, str(one.error)[:500], moment,
    )  # fmt: skip


def _accept(
    worlds: Worlds, held: Held, actor: Actor, call: Call, checked: list[_Checked]
) -> list[Entry]:
    """Charge, queue and write what is new; all of it in one transaction, or nothing."""
    new = {one.command_id: one.order for one in checked if one.order is not None}
    entries = {one.command_id: one.known for one in checked if one.known is not None}
    queued: list[int] = []
    moment = worlds.clock()
    try:
        with worlds.book.whole():
            asked = Counter(order.tick for order in new.values())
            worlds.gate.charges.check_commands(actor.name, held.row.world_id, asked)
            call.charge(moment, sum(operation_of(order.kind).units for order in new.values()))
            for command_id, order in new.items():
                commands = queue.put(held.world, order.commands)
                queued += [command.sequence for command in commands]
                entry = held.ledger.accept(actor.name, command_id, order, commands, moment)
                entries[command_id] = entry
    except BaseException:
        call.units = 0
        queue.withdraw(held.world, queued)
        raise
    return [entries[one.command_id] for one in checked]
