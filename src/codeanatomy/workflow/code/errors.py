"""What can go wrong with the code of a node before it runs."""

from __future__ import annotations

from codeanatomy.kernel.errors import AnatomyError, Phase


class CodeError(AnatomyError, SyntaxError):
    """The text of a `run:` block is not code; the message names file and line."""

    code = "code"
    phase = Phase.COMPILE
    exit_status = 3

    __str__ = Exception.__str__  # SyntaxError would add the place a second time


class CodeTimeoutError(AnatomyError, TimeoutError):
    """A block ran longer than it may."""

    code = "code-timeout"
    exit_status = 5


class CodeFailedError(AnatomyError, RuntimeError):
    """A block in another language raised an error of its own."""

    code = "code-failed"
    exit_status = 5
