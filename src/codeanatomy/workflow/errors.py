"""What can go wrong in a workflow, each with a code of its own."""

from __future__ import annotations

from typing import Any

from codeanatomy.kernel.errors import AnatomyError, Phase, SpecError


class GraphError(SpecError):
    """A graph is declared in a way that cannot be: a name twice, an end that is not there."""

    code = "graph"


class UnknownNodeError(AnatomyError, KeyError):
    """A node or an edge was asked for that the graph does not have."""

    code = "unknown-node"
    phase = Phase.DECLARE
    exit_status = 2

    __str__ = Exception.__str__  # KeyError would print the message in quotes


class RouteError(AnatomyError, ValueError):
    """A node is done and no edge out of it applies."""

    code = "no-route"


class StepLimitError(AnatomyError, RuntimeError):
    """A run took more steps than it may: a cycle that does not end."""

    code = "step-limit"


class NodeTimeoutError(AnatomyError, TimeoutError):
    """A node took longer than its `timeout`."""

    code = "node-timeout"


class StateSchemaError(SpecError):
    """A state does not hold what the schema of the graph says."""

    code = "state-schema"
    phase = Phase.CHECK


class ReducerError(SpecError):
    """A reducer is not known, or cannot put two values together."""

    code = "reducer"


class NestedRunError(AnatomyError, RuntimeError):
    """A step inside a graph that is a node of another graph failed."""

    code = "nested-run"


class CheckpointNodeError(AnatomyError, ValueError):
    """A checkpoint stands at a node that the graph does not have."""

    code = "checkpoint-node"


class NothingToResumeError(AnatomyError, ValueError):
    """A run is to go on, and nothing says from where."""

    code = "nothing-to-resume"


class DotSyntaxError(SpecError):
    """A drawing is not DOT; facts: `line` and `column`, both from 1."""

    code = "dot-syntax"


class CommandFailedError(AnatomyError, RuntimeError):
    """A command of a drawing's node failed or took too long; facts: node, command, exit_code."""

    code = "command-failed"
    phase = Phase.RUN


class UnstorableError(SpecError, TypeError):
    """A state holds what is no data; facts: `key`, the path to it, and `kind`, what it is."""

    code = "state-value"
    phase = Phase.RUN


class StateBytesError(AnatomyError, ValueError):
    """Stored bytes are no state: damaged, of a class that is not registered, or hostile."""

    code = "state-bytes"
    phase = Phase.STORE


class CheckpointMissingError(AnatomyError, FileNotFoundError):
    """There is no checkpoint of that name; facts: `path`."""

    code = "checkpoint-missing"
    phase = Phase.STORE
    exit_status = 1


class CheckpointFormatError(AnatomyError, ValueError):
    """A file is no checkpoint of ours: damaged, something else, or an old pickle; facts: `path`."""

    code = "checkpoint-format"
    phase = Phase.STORE
    exit_status = 1


class JournalError(AnatomyError):
    """A journal cannot be opened, read or written."""

    code = "journal"
    phase = Phase.STORE


class UnknownRunError(AnatomyError, KeyError):
    """A journal has no such run, step, thread or checkpoint."""

    code = "unknown-run"
    phase = Phase.STORE
    exit_status = 2

    __str__ = Exception.__str__  # KeyError would print the message in quotes


class ThreadBusyError(AnatomyError, RuntimeError):
    """Another process, or another part of this one, runs the thread; facts: `holder`, `pid`."""

    code = "thread-busy"


class LeaseLostError(AnatomyError, RuntimeError):
    """The thread was given to another process meanwhile: nothing more of this run is recorded."""

    code = "lease-lost"


class EffectMismatchError(AnatomyError, RuntimeError):
    """A step performs another effect than the one recorded in its place."""

    code = "effect-mismatch"


class ReplayDepartedError(AnatomyError, RuntimeError):
    """A replay does not follow the recorded run any further; `facts["departure"]` says where."""

    code = "replay-departed"
    exit_status = 1


class ReflectionFailedError(AnatomyError, RuntimeError):
    """No round of a reflection loop was good enough; `history` holds them all."""

    code = "reflection-failed"
    exit_status = 1

    def __init__(self, message: str, history: list[dict[str, Any]]) -> None:
        super().__init__(message, rounds=len(history))
        self.history = history


class UnknownCheckpointError(AnatomyError, KeyError):
    """No checkpoint is kept under that id."""

    code = "unknown-checkpoint"
    phase = Phase.STORE
    exit_status = 1

    __str__ = Exception.__str__  # KeyError would print the message in quotes
