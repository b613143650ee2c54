"""What can go wrong at the gate of a runtime, each with its own code."""

from __future__ import annotations

from codeanatomy.ecs.errors import WorldError
from codeanatomy.kernel.errors import Phase, SpecError, UnknownNameError


class RoleError(WorldError):
    """The actor's role does not have this right; `facts["needed"]` is the role that has."""

    code = "role-too-low"
    phase = Phase.CHECK


class QuotaError(WorldError):
    """The call would pass a quota; nothing was charged, nothing was done."""

    code = "quota-exceeded"
    phase = Phase.CHECK


class TokenError(WorldError):
    """A caller showed no token that is known here."""

    code = "token"
    phase = Phase.CHECK


class UnsafeAddressError(SpecError):
    """A server beyond loopback needs tokens."""

    code = "unsafe-address"


class ForeignOriginError(WorldError):
    """A page or host name that is not this server's own asked for something."""

    code = "foreign-origin"
    phase = Phase.CHECK


class BodyTooLongError(SpecError):
    """A request body is longer than the server takes."""

    code = "body-too-long"
    phase = Phase.CHECK


class CommandConflictError(WorldError):
    """A command id is known with other content; the first one stands."""

    code = "command-conflict"
    phase = Phase.CHECK
    exit_status = 2


class BatchRefusedError(SpecError):
    """Commands of a batch are not valid; nothing was charged, none was queued.

    `facts["refused"]` has a row for each: position in the batch, command id, code, message.
    """

    code = "batch-refused"
    phase = Phase.CHECK


class UnknownWorldError(UnknownNameError):
    """No world has this name here; the message names the nearest."""

    code = "unknown-world"


class UnknownCommandError(UnknownNameError):
    """The ledger of this world has no such command id."""

    code = "unknown-command"


class WorldNameError(SpecError):
    """A name that no world can have, or that one has already."""

    code = "world-name"


class ModelNeededError(SpecError):
    """The world was made with a model that is not here; stepping without it would be a guess."""

    code = "model-needed"


class InvalidModelError(SpecError):
    """A model file cannot be loaded, or says nothing about components and processors."""

    code = "invalid-model"


class LedgerError(WorldError):
    """The runtime's own book cannot be read or written."""

    code = "ledger"
    phase = Phase.STORE


class ServerAnswerError(WorldError):
    """A server answered with an error; `facts["remote"]` is its code."""

    code = "server-answer"
