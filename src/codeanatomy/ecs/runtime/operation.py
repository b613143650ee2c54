"""PAGE: every gated operation: the role it needs, what it costs, what it does."""

from __future__ import annotations

from typing import NamedTuple

from codeanatomy.ecs.runtime.role import Role
from codeanatomy.kernel.errors import UnknownNameError

ANYTHING_ELSE = 10
"""What an operation costs, in units, that has no price of its own."""


class Operation(NamedTuple):
    """One row.

    Commands wait for a tick, lie in the ledger, and count for the quota of the tick. They and
    what `writes` need the world for themselves: no other process may be writing it.
    """

    name: str
    role: Role
    meaning: str
    units: int = ANYTHING_ELSE
    is_command: bool = False
    writes: bool = False


_V, _P, _O, _A = Role.VIEWER, Role.PLAYER, Role.OPERATOR, Role.ADMIN

OPERATIONS = (
    Operation("list", _V, "List the worlds."),
    Operation("inspect", _V, "Say what a world is: ticks, tables, components, processors."),
    Operation("query", _V, "Read rows of one tick or several.", 5),
    Operation("sql", _V, "Read rows in SQL.", 5),
    Operation("history", _V, "List the ticks with their populations."),
    Operation("chart", _V, "Give one value for every tick."),
    Operation("space", _V, "Give where the entities stand at a tick."),
    Operation("watch", _V, "Wait until the world has another tick."),
    Operation("commands", _V, "Read the ledger of commands."),
    Operation("spawn", _P, "Queue new entities.", 10, is_command=True),
    Operation("despawn", _P, "Queue the end of entities.", 5, is_command=True),
    Operation("update", _P, "Queue new values of fields.", 8, is_command=True),
    Operation("message", _P, "Send a message to entities, read at the next tick.", 3, writes=True),
    Operation(
        "batch", _P, "Queue commands of several kinds; each needs its own right.", 0, writes=True
    ),
    Operation("add", _O, "Queue more components for entities.", 8, is_command=True),
    Operation("remove", _O, "Queue the loss of components.", 5, is_command=True),
    Operation("declare_component", _O, "Make a component known to a world.", writes=True),
    Operation("add_processor", _O, "Take a processor in.", 15, writes=True),
    Operation("remove_processor", _O, "Take a processor out.", writes=True),
    Operation("add_hook", _O, "Call a function at a moment of every tick.", writes=True),
    Operation("remove_hook", _O, "Call it no more.", writes=True),
    Operation("set_resource", _O, "Set or remove a recorded resource.", writes=True),
    Operation("fork", _O, "Begin a branch at a tick.", 100),
    Operation("step", _O, "Make one tick.", writes=True),
    Operation("run", _O, "Make many ticks.", writes=True),
    Operation("episode", _O, "Make ticks until something holds.", 500, writes=True),
    Operation("rollout", _O, "Run branches with a seed each.", 200),
    Operation("retry", _O, "Queue a dead letter again.", writes=True),
    Operation("destroy", _O, "Take a world out of reach; its rows stay.", 10),
    Operation("create", _A, "Create a world.", 50),
    Operation("restore", _A, "Bring a destroyed world back."),
    Operation("audit", _A, "Read who called what."),
)

COMMANDS = tuple(operation.name for operation in OPERATIONS if operation.is_command)
"""The kinds of commands."""

_KNOWN = {operation.name: operation for operation in OPERATIONS}


def operation_of(name: str) -> Operation:
    """Give the row of an operation."""
    if name not in _KNOWN:
        raise UnknownNameError(f"no operation {name!r}; there are {', '.join(_KNOWN)}", name=name)
    return _KNOWN[name]
