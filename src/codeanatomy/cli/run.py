"""Runs one command and turns however it ends into an exit status and one message."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from codeanatomy.cli._say import say
from codeanatomy.kernel.errors import AnatomyError

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE, BUG, INTERRUPTED = 2, 5, 130
TRACEBACK = "--traceback"


def run(arguments: Sequence[str]) -> int:
    """Run the command that `arguments` name; return the exit status.

    0 done, 1 the answer is no, 2 usage or invalid spec, 3 compilation, 4 rule violated, 5 run or
    write failure, 10 a part is not installed, 130 interrupted.
    """
    words = list(arguments)
    before = words[: words.index("--")] if "--" in words else words
    traced = TRACEBACK in before
    if traced:
        words.remove(TRACEBACK)
    try:
        return _call(words)
    except AnatomyError as error:
        _say(error.code, str(error), traced=traced)
        return error.exit_status
    except BrokenPipeError:
        return _hush()
    except KeyboardInterrupt:
        say("interrupted; the store is unchanged")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - whatever else escapes is our fault: say so
        hint = "" if traced else f"; `{TRACEBACK}` shows where"
        what = f"{type(error).__name__}: {error}"
        _say("bug", f"this should not happen, please report it: {what}{hint}", traced=traced)
        return BUG


def _call(words: list[str]) -> int:
    from cyclopts import CycloptsError  # noqa: PLC0415 - heavy: an error that is ours needs none of it

    from codeanatomy.cli.app import app  # noqa: PLC0415 - as above

    try:
        status = app(words, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except CycloptsError as error:
        shown = " ".join(["codeanatomy", *(error.command_chain or ())])
        what = str(error).removesuffix(", ...").rstrip(".")
        _say("usage", f"{what}; see `{shown} --help`")
        return USAGE
    return status if isinstance(status, int) else 0


def _say(code: str, message: str, *, traced: bool = False) -> None:
    if traced:
        import traceback  # noqa: PLC0415 - only when asked for

        traceback.print_exc()
    say(f"error[{code}]: {message}")


def _hush() -> int:
    """Let a reader that went away go: point what is still buffered at nothing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
