"""What extractors share that let another program read the whole repository: a witness.

Such a module has `VERSION`; `key(root, config)`, which says what its rows depend on besides the
sources; and `observe(root, files, config)`, which returns a `Witnessed`.
"""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from codeanatomy.kernel.errors import AnatomyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from codeanatomy.kernel.schema import Table


class Seen(NamedTuple):
    """One file of the build: its number in the store, its path below the root, its bytes."""

    file_no: int
    path: str
    raw: bytes


class Witnessed(NamedTuple):
    """The tables of a witness, without the column `repo`, and warnings for the manifest."""

    tables: dict[str, pa.Table]
    warnings: list[dict[str, Any]]


class WitnessError(AnatomyError):
    """Another program that was to read the repository failed, or took too long."""

    code = "witness-failed"


def table(declared: Table, columns: Mapping[str, Any]) -> pa.Table:
    """Lay columns out as declared, without the repository."""
    fields = [field for field in declared.arrow() if field.name != "repo"]
    arrays = [pa.array(columns[field.name], field.type) for field in fields]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def run(
    words: Sequence[str], root: Path, seconds: int, environment: Mapping[str, str] | None = None
) -> str:
    """Run a program in the repository's folder and return what it prints.

    The program and all it started are ended when the time is over. Raises `WitnessError` then, and
    for any exit status but 0, with the end of what the program said.
    """
    name = words[0].rpartition("/")[2]
    process = subprocess.Popen(  # noqa: S603 - a program that the caller names, without a shell
        words, cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})}, start_new_session=True,
    )  # fmt: skip
    try:
        out, error = process.communicate(timeout=seconds or None)
    except subprocess.TimeoutExpired as late:
        _end(process)
        msg = (
            f"{name} did not end within {seconds} s; `witness_seconds` gives it more, 0 any "
            f"time that it needs"
        )
        raise WitnessError(msg, program=name, seconds=seconds) from late
    except BaseException:
        _end(process)
        raise
    if process.returncode:
        said = (error.strip() or out.strip()).decode("utf-8", "backslashreplace")[-800:]
        msg = f"{name} failed with exit status {process.returncode}: {said or 'it says nothing'}"
        raise WitnessError(msg, program=name, status=process.returncode, said=said)
    return out.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program with all that it started: they have a process group of their own."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()
