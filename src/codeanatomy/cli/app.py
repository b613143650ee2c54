"""The commands by name; the file of a command is imported when it is called."""

from __future__ import annotations

from cyclopts import App


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - reads files, and is rarely asked

    return version("codeanatomy")


VERBS = ("build", "query", "tables")

app = App(
    name="codeanatomy",
    help="Build a code property graph of a Python repository and ask it questions in SQL.",
    help_epilogue="`--traceback` after any command shows where an error came from.",
    version=_version,
    result_action="return_value",
)
for _verb in VERBS:
    app.command(f"codeanatomy.cli.{_verb}:{_verb}", name=_verb, version_flags=())
