"""The options that commands share, and what they stand for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.cpg.api import Graph
    from codeanatomy.cpg.config import Config

Repository = Annotated[str, Parameter(help="The repository's folder.")]
StorePlace = Annotated[
    str | None,
    Parameter(
        name=["--store", "-s"],
        help="The store: a folder or an address; `.codeanatomy` here when not configured.",
    ),
]
Version = Annotated[
    int | None, Parameter(help="The version of the graph to ask; the newest when not given.")
]
Output = Annotated[
    str | None, Parameter(name=["--output", "-o"], help="The file to write; not the terminal.")
]
AsJson = Annotated[bool, Parameter(name="--json", help="Answer in JSON, for programs.")]
RowFormat = Annotated[
    Literal["table", "csv", "json", "jsonl", "parquet", "arrow"] | None,
    Parameter(
        name=["--format", "-f"], help="How rows are written; as the file ends, else a table."
    ),
]


def folder(repo: str) -> Path:
    """Return the folder of a repository; raises `NoSuchFolderError` where there is none."""
    root = Path(repo)
    if not root.is_dir():
        from codeanatomy.cpg.sources.listing import refuse_no_folder  # noqa: PLC0415 - heavy

        refuse_no_folder(root)
    return root


def configured(root: str | Path, overrides: Mapping[str, object]) -> Config:
    """Resolve the settings of a repository: command line, environment, files, defaults."""
    from codeanatomy.cpg.config import resolve  # noqa: PLC0415 - only commands that run need it

    return resolve(Path(root), overrides, os.environ)


def opened(store: str | None, version: int | None = None) -> Graph:
    """Open the graph that the options and the settings of the current folder name."""
    from codeanatomy.cpg import api  # noqa: PLC0415 - heavy: only commands that ask need it

    here = Path()
    config = configured(here, {"store": store})
    size = config.text("engine_size") or "auto"
    return api.open(api.store_of(here, config), version, size, config.number("memory_limit"))


def emit(text: str, output: str | None = None) -> None:
    """Print a text, or write it to a file."""
    text = text if text.endswith("\n") else text + "\n"
    raw = text.encode("utf-8", "backslashreplace")
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(raw)
        sys.stdout.flush()
        return
    from codeanatomy.cpg.graph.formats import write_bytes  # noqa: PLC0415 - only where a file is written

    write_bytes(Path(output), raw)


def as_json(value: Any) -> str:  # noqa: ANN401 - anything that JSON has
    """Write a value as indented JSON."""
    import msgspec  # noqa: PLC0415 - only where JSON is asked for

    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
