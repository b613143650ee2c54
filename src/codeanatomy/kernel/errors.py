"""Every failure the package raises on purpose: one base, one code, one phase, facts as fields."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """Where in the life of a spec the failure happened."""

    DECLARE = "declare"
    COMPILE = "compile"
    CHECK = "check"
    RUN = "run"
    STORE = "store"


class AnatomyError(Exception):
    """Base of all deliberate errors; `code` and `facts` are stable, the message is not."""

    code = "anatomy"
    phase = Phase.RUN
    exit_status = 5

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = facts


class SpecError(AnatomyError, ValueError):
    """What was asked for is not valid: a wrong value, an unknown key, a malformed page."""

    code = "invalid-spec"
    phase = Phase.DECLARE
    exit_status = 2


class UnknownNameError(AnatomyError, KeyError):
    """A name was used that nothing declares; the message lists the nearest names that exist."""

    code = "unknown-name"
    phase = Phase.DECLARE
    exit_status = 2

    __str__ = Exception.__str__  # KeyError would print the message in quotes


class CycleError(AnatomyError, ValueError):
    """Declared dependencies run in a circle; `facts["path"]` walks it once."""

    code = "cycle"
    phase = Phase.COMPILE
    exit_status = 3


class CompileError(AnatomyError):
    """A declared view cannot be compiled to a plan; nothing is put in its place."""

    code = "compile"
    phase = Phase.COMPILE
    exit_status = 3


class RuleViolatedError(AnatomyError):
    """A result breaks a rule it is checked against; nothing was committed."""

    code = "rule-violated"
    phase = Phase.CHECK
    exit_status = 4


class MissingPartError(AnatomyError):
    """A needed optional part is not installed; the message names the command that installs it."""

    code = "missing-part"
    phase = Phase.RUN
    exit_status = 10


class UnsupportedError(AnatomyError):
    """What was asked for is understood and not supported here; it is never done halfway."""

    code = "unsupported"
    phase = Phase.DECLARE
    exit_status = 2
