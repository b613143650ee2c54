"""Runs the shell command of one node, and fits a node's label into a command's template."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
from typing import Any

from codeanatomy.workflow.errors import CommandFailedError

_PLACE = re.compile(r"\{\{\s*(?:item|label|node)\s*\}\}|\{(?:item|label|node)\}")


def fill(template: str, label: str) -> str:
    """Put `label` in the place of `{{ item }}`, quoted for the shell as the place needs it."""
    pieces: list[str] = []
    at, quote = 0, ""
    for match in _PLACE.finditer(template):
        before = template[at : match.start()]
        quote = _quote_after(before, quote)
        pieces += [before, _quoted(label, quote)]
        at = match.end()
    return "".join([*pieces, template[at:]])


def run_command(
    node: str, command: str, timeout: float, folder: str | None = None
) -> dict[str, Any]:
    """Run a command in the shell; return what it wrote and its exit code.

    A command that ends with another code than 0, or not within `timeout` seconds, is an error; its
    whole group of processes is ended then.
    """
    process = subprocess.Popen(  # noqa: S602 - the drawing is a program: its commands are meant for the shell
        command,
        shell=True,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=timeout)
    except BaseException as error:
        _end(process)
        if isinstance(error, subprocess.TimeoutExpired):
            msg = f"Command of node '{node}' timed out after {timeout}s: {command}"
            raise CommandFailedError(msg, node=node, command=command, exit_code=None) from None
        raise
    if process.returncode:
        detail = (err.strip() or out.strip())[-2000:]
        msg = f"Command of node '{node}' failed (exit {process.returncode}): {detail}"
        raise CommandFailedError(msg, node=node, command=command, exit_code=process.returncode)
    return {"command": command, "exit_code": 0, "stdout": out, "stderr": err}


def _end(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _quote_after(text: str, quote: str) -> str:
    """Say which quotes stand open after `text`."""
    escaped = False
    for letter in text:
        if escaped:
            escaped = False
        elif letter == "\\" and quote != "'":
            escaped = True
        elif letter == quote:
            quote = ""
        elif not quote and letter in "'\"":
            quote = letter
    return quote


def _quoted(label: str, quote: str) -> str:
    if quote == "'":
        return label.replace("'", "'\\''")
    if quote == '"':
        return re.sub(r'([\\"$`])', r"\\\1", label)
    return shlex.quote(label)
