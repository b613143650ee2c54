"""What can go wrong in a workflow, each with a code of its own."""

from __future__ import annotations

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
