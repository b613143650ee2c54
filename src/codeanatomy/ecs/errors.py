"""What can go wrong in a world, each with its own code; the facts are fields."""

from __future__ import annotations

from codeanatomy.kernel.errors import AnatomyError, Phase, SpecError, UnknownNameError


class WorldError(AnatomyError):
    """Base of the failures of a world."""

    code = "world"


class InvalidComponentError(SpecError):
    """A component class cannot be declared: a bad name, a field of a type without a column."""

    code = "invalid-component"


class UnknownComponentError(UnknownNameError):
    """A component was named that this world does not know; the message names the nearest."""

    code = "unknown-component"


class UnknownColumnError(UnknownNameError):
    """A column was named that no component in question has; the message names the nearest."""

    code = "unknown-column"


class ColumnTypeError(SpecError, TypeError):
    """Values do not have the declared type of their column; nothing is converted by guess."""

    code = "column-type"
    phase = Phase.CHECK


class ColumnShapeError(SpecError):
    """A column has another length or width than its rows ask for."""

    code = "column-shape"
    phase = Phase.CHECK


class NotANumberError(SpecError):
    """A NaN or a null where the field does not allow one (`float | None` does)."""

    code = "not-a-number"
    phase = Phase.CHECK


class EntityIdError(SpecError):
    """Entity ids that are negative, double, used, never reserved, or no integers."""

    code = "entity-id"


class InvalidProcessorError(SpecError):
    """A processor cannot be declared: a double name, a class without a call, unknown settings."""

    code = "invalid-processor"


class InvalidCommandError(SpecError):
    """A command that cannot be queued: no components, a tick that is past."""

    code = "invalid-command"


class InvalidResourceError(SpecError):
    """A recorded resource must be a plain value or an array; live objects belong in `external`."""

    code = "invalid-resource"


class InsideProcessorError(WorldError):
    """A processor tried to change the world directly; its command buffer is the way."""

    code = "inside-processor"


class TooManyError(WorldError):
    """A bound was reached: entities in the world or commands in one tick; nothing was written."""

    code = "too-many"


class WorldClosedError(WorldError):
    """The world was closed; open it again to go on."""

    code = "world-closed"


class TickFailedError(WorldError):
    """A tick failed before its commit: nothing written, tick unchanged, commands kept.

    `facts["phase"]` says where (pre-tick, process, apply, commit), `facts["tables"]` which
    tables failed, `facts["tick"]` which tick was being made.
    """

    code = "tick-failed"


class ProcessorFailedError(TickFailedError):
    """A processor raised, or what it returned does not fit its tables."""

    code = "processor-failed"


class CommitFailedError(TickFailedError):
    """The store could not take the tick."""

    code = "commit-failed"


class WorldExistsError(WorldError):
    """There is a world at this address already; `World.open` goes on with it."""

    code = "world-exists"
    exit_status = 2


class NoWorldError(WorldError):
    """There is no world at this address; `World(...)` begins one."""

    code = "no-world"
    exit_status = 2


class InvalidExpressionError(SpecError):
    """An expression cannot be read, or does not fit its columns; `facts["at"]` is the character."""

    code = "invalid-expression"


class FlushFailedError(WorldError):
    """Ticks could not be made durable in the background; the world is back at the durable tick.

    `facts["durable_tick"]` is that tick, `facts["commands"]` the commands of each tick since.
    """

    code = "flush-failed"
    phase = Phase.STORE


class WorldMovedError(WorldError):
    """Another writer has added ticks since this world was opened; open it again."""

    code = "world-moved"
    phase = Phase.STORE


class UnknownTickError(UnknownNameError):
    """A tick that is not stored: not made yet, or given up by retention; the message says which."""

    code = "unknown-tick"
    phase = Phase.STORE


class ComponentDriftError(SpecError):
    """A component is stored with other fields than its class declares; `difference` lists them."""

    code = "component-drift"
    phase = Phase.STORE


class ActivationError(SpecError):
    """Turns that cannot be taken: no function, an order that is none, numba missing."""

    code = "activation"


class InvalidSpaceError(SpecError):
    """A space with an impossible shape, or places and points that are not in it."""

    code = "invalid-space"


class InvalidMessageError(SpecError):
    """A message that cannot be sent: no component, columns of different lengths."""

    code = "invalid-message"


class StoppingRuleError(SpecError):
    """A rule for ending a run that cannot be read, or a number of steps below one."""

    code = "stopping-rule"


class SweepError(WorldError):
    """A run of a sweep failed; `facts` name its parameters and seed."""

    code = "sweep"


class InvalidQueryError(SpecError):
    """A question that cannot be asked so: both `tick` and `ticks`, a filter of no known kind."""

    code = "invalid-query"


class NotReplayableError(WorldError):
    """Ticks that cannot be replayed: made with external resources, or by an ancestor."""

    code = "not-replayable"


class UnrelatedWorldsError(WorldError):
    """Two worlds that share no tick were to be compared; only branches can be."""

    code = "unrelated-worlds"
    exit_status = 2
