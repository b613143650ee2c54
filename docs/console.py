"""The console blocks of the pages: what they show is what the commands print.

python docs/console.py            exit with 1 if a page shows something else
python docs/console.py --write    write what the commands print now
                                  names of pages after it: only those

A block that opens with `console checked` holds commands after `$ `, continued after `> `, and what
they print; one with `pycon checked` holds Python after `>>> ` and `... `; one with `yaml file=NAME`
(or another language) is a file. The blocks of a page run one after the other in a folder of its own
that holds copies of `examples/shop`, `examples/workflow` and `examples/ecs`, and Python imports
from there. Of what `codeanatomy` writes to standard error only errors are shown. Ids that a command
printed before are, in later commands, those it prints now.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
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
    "docs/tutorial/first-agent.md",
    "docs/how-to/durable-runs.md",
    "docs/how-to/parallel-work.md",
    "docs/how-to/human-approval.md",
    "docs/how-to/call-a-model.md",
    "docs/how-to/secrets.md",
    "docs/how-to/test-agents.md",
    "docs/how-to/write-an-action.md",
    "docs/how-to/node-types.md",
    "docs/how-to/actions-by-example.md",
    "docs/how-to/agent-settings.md",
    "docs/how-to/moving-from-langgraph.md",
    "docs/tutorial/first-world.md",
    "docs/how-to/durable-worlds.md",
    "docs/how-to/fork-a-counterfactual.md",
    "docs/how-to/history-in-sql.md",
    "docs/how-to/write-a-model.md",
    "docs/how-to/sweeps-and-rollouts.md",
    "docs/how-to/serve-a-world.md",
    "docs/how-to/moving-from-mesa.md",
    "docs/explanation/how-a-tick-works.md",
)
_BLOCK = re.compile(
    r"^```(?:(console|pycon) checked|\w+ file=(\S+))\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
_ID = re.compile(r"\b(?:[0-9a-f]{32}|[0-9a-f]{24})\b")
_CACHES = shutil.ignore_patterns("__pycache__", ".*")
_LAST = "0" * 24  # in a page that is being written: the id printed last
_CHANGING = (
    (_ID, "ID"),
    (re.compile(r"\b\d+\.\d s\b"), "TIME"),
    (re.compile(r"\b\d+(?:\.\d+)?m?s\b *"), "TIME "),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00|\b)"), "MOMENT"),
    (re.compile(r"\bprocess \d+\b"), "process NUMBER"),
    (re.compile(r"\b[\d,]+ nodes\b"), "COUNT nodes"),  # builtins differ between interpreters
    (re.compile(r"(?<=MOMENT)( +)[\d,]+ "), r"\1COUNT "),
)


def main(arguments: Sequence[str]) -> int:
    """Compare every page with what its commands print, or with `--write` write it."""
    differing = 0
    for name in [one for one in arguments if one != "--write"] or PAGES:
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
    with TemporaryDirectory() as folder, chdir(folder), _importing():
        for example in ("shop", "workflow", "ecs"):
            shutil.copytree(ROOT / "examples" / example, example, ignore=_CACHES)
        globals_: dict[str, object] = {}
        ids: dict[str, str] = {}
        return _BLOCK.sub(lambda block: _again(block, globals_, ids), page)


@contextmanager
def _importing() -> Iterator[None]:
    """Let Python import files of the page, as it does where a person types; forget them after."""
    before = set(sys.modules)
    with patch.object(sys, "path", ["", *sys.path]), patch.object(sys, "dont_write_bytecode", True):  # noqa: FBT003 - a value
        yield
    here = str(Path.cwd())
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None) or "").startswith(here):
            del sys.modules[name]


def normalised(page: str) -> str:
    """Blank what two runs need not have in common: times, ids, and counts with builtins in them."""
    for pattern, word in _CHANGING:
        page = pattern.sub(word, page)
    return page


def blocks(page: str) -> list[str]:
    """Return the text of every checked block."""
    return [match[3] for match in _BLOCK.finditer(page) if match[1]]


def _again(block: re.Match[str], globals_: dict[str, object], ids: dict[str, str]) -> str:
    kind, file, text = block.groups()
    if file:
        path = Path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return block[0]
    lines = _commands(text, ids) if kind == "console" else _session(text, globals_)
    return f"```{kind} checked\n{''.join(lines)}```"


def _commands(text: str, ids: dict[str, str]) -> Iterator[str]:
    """Yield each command of a block, and what it prints; `ids` are the page's and those of now."""
    for part in re.split(r"^(?=\$ )", text, flags=re.MULTILINE):
        shown = re.match(r"(?:\$ .*\n(?:> .*\n)*)?", part)
        if shown and shown[0]:
            command = _ID.sub(lambda one: ids.get(one[0], one[0]), shown[0])
            yield command
            output = _called(re.sub(r"^[$>] ", "", command, flags=re.MULTILINE))
            told = _ID.findall(output)
            ids.update(zip(_ID.findall(part[shown.end() :]), told, strict=False))
            ids[_LAST] = told[-1] if told else ids.get(_LAST, _LAST)
            yield output


def _called(command: str) -> str:
    """Run one command; `NAME=value` before it is its environment."""
    words = shlex.split(command)
    given = {}
    while re.match(r"[A-Z_]+=", words[0]):
        name, _, given[name] = words.pop(0).partition("=")
    program, *rest = words
    if program not in _PROGRAMS:
        msg = f"not a command of ours: {command}"
        raise ValueError(msg)
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("CODEANATOMY_", "TEA_"))}
    with patch.dict(os.environ, outside | given, clear=True):
        said = _PROGRAMS[program](rest)
    return said.replace(os.getcwd(), "/repos")  # noqa: PTH109 - as text


def _codeanatomy(words: list[str]) -> str:
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    errors = io.StringIO()
    with redirect_stdout(out), redirect_stderr(errors):
        run(words)
    shown = [
        line for line in errors.getvalue().splitlines(keepends=True) if line.startswith("error[")
    ]
    out.seek(0)
    return out.read() + "".join(shown)


def _tea(words: list[str]) -> str:
    """Run `tea` as without a terminal; what it prints and what it says, in the order of both."""
    from codeanatomy.cli.tea.app import app  # noqa: PLC0415 - not for the other pages

    out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with (
        redirect_stdout(out),
        redirect_stderr(out),
        patch.object(sys, "stdin", io.StringIO()),
        suppress(SystemExit),
    ):
        app(words, prog_name="tea")
    out.seek(0)
    return out.read()


def _python(words: list[str]) -> str:
    """Run a script of the page; of a traceback only its last line is shown."""
    done = subprocess.run(  # noqa: S603 - our page
        [sys.executable, *words], check=False, capture_output=True, text=True, encoding="utf-8"
    )
    last = done.stderr.splitlines(keepends=True)[-1:] if done.returncode else []
    return done.stdout + "".join(last)


def _cat(words: list[str]) -> str:
    missing = f"cat: {' '.join(words)}: No such file"
    texts = [p.read_text("utf-8") if p.exists() else missing for p in map(Path, words)]
    return "".join(text if text.endswith("\n") else f"{text}\n" for text in texts)


_PROGRAMS = {"codeanatomy": _codeanatomy, "tea": _tea, "python": _python, "cat": _cat}


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
