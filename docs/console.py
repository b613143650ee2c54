"""The console blocks of the pages: what they show is what the commands print.

python docs/console.py            exit with 1 if a page shows something else
python docs/console.py --write    write what the commands print now

A block that opens with `console checked` holds commands after `$ `, continued after `> `, and what
they print; one with `pycon checked` holds Python after `>>> ` and `... `. The blocks of a page run
one after the other in a folder of its own that holds a copy of `examples/shop`. Of what goes to
standard error only errors are shown.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from difflib import unified_diff
from doctest import DocTestParser
from pathlib import Path
from tempfile import TemporaryDirectory
from traceback import format_exception_only
from typing import TYPE_CHECKING
from unittest.mock import patch

from codeanatomy.cli.run import run
from codeanatomy.kernel.errors import AnatomyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "README.md",
    "docs/tutorial/first-graph.md",
    "docs/explanation/calls.md",
    "docs/how-to/ask-questions.md",
    "docs/how-to/query-in-sql.md",
    "docs/how-to/several-repositories.md",
    "docs/how-to/configure.md",
    "docs/how-to/read-old-versions.md",
    "docs/how-to/use-in-notebooks.md",
    "docs/how-to/use-other-indexers.md",
)
_BLOCK = re.compile(r"^```(console|pycon) checked\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CHANGING = (
    (re.compile(r"\b[0-9a-f]{32}\b"), "ID"),
    (re.compile(r"\b\d+\.\d s\b"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\b"), "MOMENT"),
    (re.compile(r"\b[\d,]+ nodes\b"), "COUNT nodes"),  # builtins differ between interpreters
    (re.compile(r"(?<=MOMENT)( +)[\d,]+ "), r"\1COUNT "),
)


def main(arguments: Sequence[str]) -> int:
    """Compare every page with what its commands print, or with `--write` write it."""
    differing = 0
    for name in PAGES:
        page = ROOT / name
        before = page.read_text("utf-8")
        after = printed(before)
        if normalised(before) == normalised(after):
            continue
        differing += 1
        if "--write" in arguments:
            page.write_text(after, "utf-8", newline="\n")
        else:
            print("\n".join(unified_diff(before.splitlines(), after.splitlines(), name, "printed")))
    return 1 if differing and "--write" not in arguments else 0


def printed(page: str) -> str:
    """Return a page with its checked blocks as their commands print them."""
    with TemporaryDirectory() as folder, chdir(folder):
        shutil.copytree(ROOT / "examples" / "shop", "shop")
        globals_: dict[str, object] = {}
        return _BLOCK.sub(lambda block: _again(block, globals_), page)


def normalised(page: str) -> str:
    """Blank what two runs need not have in common: times, ids, and counts with builtins in them."""
    for pattern, word in _CHANGING:
        page = pattern.sub(word, page)
    return page


def blocks(page: str) -> list[str]:
    """Return the text of every checked block."""
    return [match[2] for match in _BLOCK.finditer(page)]


def _again(block: re.Match[str], globals_: dict[str, object]) -> str:
    lines = _commands(block[2]) if block[1] == "console" else _session(block[2], globals_)
    return f"```{block[1]} checked\n{''.join(lines)}```"


def _commands(text: str) -> Iterator[str]:
    """Yield each command of a block as it stands, and what it prints."""
    for part in re.split(r"^(?=\$ )", text, flags=re.MULTILINE):
        shown = re.match(r"(?:\$ .*\n(?:> .*\n)*)?", part)
        if shown and shown[0]:
            command = re.sub(r"^[$>] ", "", shown[0], flags=re.MULTILINE)
            yield shown[0]
            yield _called(command)


def _called(command: str) -> str:
    """Run one command of ours; any other is an error of the page."""
    program, *words = shlex.split(command)
    if program != "codeanatomy":
        msg = f"not a command of ours: {command}"
        raise ValueError(msg)
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    errors = io.StringIO()
    outside = {k: v for k, v in os.environ.items() if not k.startswith("CODEANATOMY_")}
    with patch.dict(os.environ, outside, clear=True), redirect_stdout(out), redirect_stderr(errors):
        run(words)
    shown = [
        line for line in errors.getvalue().splitlines(keepends=True) if line.startswith("error[")
    ]
    out.seek(0)
    return (out.read() + "".join(shown)).replace(os.getcwd(), "/repos")  # noqa: PTH109 - as text


def _session(text: str, globals_: dict[str, object]) -> Iterator[str]:
    """Yield each statement of a block as it stands, and what it prints."""
    for example in DocTestParser().get_examples(text):
        first, *more = example.source.splitlines(keepends=True)
        yield f">>> {first}" + "".join(f"... {line}" for line in more)
        out = io.StringIO()
        with redirect_stdout(out), patch.object(sys, "displayhook", _show):
            try:
                exec(compile(example.source, "<page>", "single"), globals_)  # noqa: S102 - our page
            except AnatomyError as error:
                print("Traceback (most recent call last):\n  ...")
                print("".join(format_exception_only(error)), end="")
        yield out.getvalue()


def _show(value: object) -> None:
    """Show a value as the interpreter does, but leave `builtins` as it is."""
    if value is not None:
        print(repr(value))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
