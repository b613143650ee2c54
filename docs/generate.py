"""The reference pages, written from what the installed package declares.

python docs/generate.py           write docs/reference/*.md
python docs/generate.py --check   exit with 1 if a committed page differs
"""

from __future__ import annotations

import inspect
import sys
from importlib import import_module
from itertools import starmap
from pathlib import Path
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Any

import msgspec

import codeanatomy
from codeanatomy.kernel.errors import AnatomyError
from codeanatomy.kernel.schema import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from docs._pages.actions import actions_page
from docs._pages.agent_files import agent_files_page
from docs._pages.tea import tea_page
from docs._pages.workflow_api import workflow_api_page
from docs._pages.world_api import world_api_page
from docs._pages.worlds import world_runtime_page, worlds_page
from docs._pages.writing import WRITTEN, grid, page, quoted
from docs._pages.writing import public as written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cyclopts import App

REFERENCE = Path(__file__).resolve().parent / "reference"


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with `--check` say which differ from what is committed."""
    stale = [name for name, text in pages().items() if _committed(name) != text]
    if "--check" in arguments:
        for name in stale:
            print(f"docs/reference/{name} is not what the declarations say: python3 dev.py docs")
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, "utf-8", newline="\n")
    print(f"{len(stale)} pages changed in docs/reference")
    return 0


def pages() -> dict[str, str]:
    """Return every reference page: file name to text."""
    return {
        "actions.md": actions_page(),
        "agent-files.md": agent_files_page(),
        "tea.md": tea_page(),
        "workflow-api.md": workflow_api_page(),
        "world-api.md": world_api_page(),
        "world-runtime.md": world_runtime_page(),
        "worlds.md": worlds_page(),
        "api.md": page(
            "The Python API", "What `import codeanatomy as ca` gives.", map(_public, public())
        ),
        "commands.md": f"{WRITTEN}\n\n{_usage()}\n",
        "edges.md": page(
            "Edge kinds", "Every kind of edge of the graph.", [*map(_row, edges()), *words()]
        ),
        "errors.md": page(
            "Errors",
            "Every error raised on purpose. Codes, phases and facts are stable, wording is not.",
            map(_error, errors()),
        ),
        "sql-functions.md": page(
            "SQL functions", "Functions besides DataFusion's own.", map(_function, functions())
        ),
        "nodes.md": page("Node kinds", "Every kind of node of the graph.", map(_row, nodes())),
        "questions.md": page(
            "Questions", _ASKED, (_question(question) for question in questions())
        ),
        "settings.md": page("Settings", "Every setting of a build.", map(_row, settings())),
        "tables.md": page("Tables", "Every table of a store.", map(_table, tables())),
        "warnings.md": page("Warnings", _WARNED, starmap(_warning, warnings())),
    }


def modules() -> list[str]:
    """Name every module of the package but the one that runs the command line."""
    found = walk_packages(codeanatomy.__path__, "codeanatomy.")
    return [m.name for m in found if not m.name.endswith("__main__")]


def public() -> list[str]:
    """Name all that the package promises."""
    return sorted(codeanatomy.__all__)


def tables() -> list[Table]:
    """Return every table that a page of `codeanatomy.cpg` lists in `TABLES`."""
    found: dict[str, Table] = {}
    for name in modules():
        if name.startswith("codeanatomy.cpg."):
            listed = getattr(import_module(name), "TABLES", ())
            found |= {row.name: row for row in listed if isinstance(row, Table)}
    return sorted(found.values(), key=lambda table: table.name)


def nodes() -> list[Any]:
    """Return the declared node kinds."""
    return _sorted(import_module("codeanatomy.cpg.nodes").NODES)


def edges() -> list[Any]:
    """Return the declared edge kinds."""
    return _sorted(import_module("codeanatomy.cpg.edges").EDGES)


def words() -> list[str]:
    """Write the fixed words that edges use: how a call's target was found, why something is not."""
    page = import_module("codeanatomy.cpg.edges")
    how = "`method` of a `CALL_TARGET` edge, where it is not the one extractor that says so."
    why = "`props['reason']` of an `UNRESOLVED` edge."
    return [
        "\n\n".join([f"## {title}", sentence, grid((column, "meaning"), quoted(listed))])
        for title, sentence, column, listed in (
            ("Methods", how, "method", page.METHODS),
            ("Reasons", why, "reason", page.REASONS),
        )
    ]


def settings() -> list[Any]:
    """Return the declared settings."""
    return _sorted(import_module("codeanatomy.cpg.config").SETTINGS)


def functions() -> list[Any]:
    """Return the declared SQL functions."""
    return list(import_module("codeanatomy.engine.registry").declared())


def questions() -> list[Any]:
    """Return the declared questions."""
    return _sorted(import_module("codeanatomy.cpg.query").QUESTIONS)


def warnings() -> list[tuple[str, str, str]]:
    """Return every warning of a build: its code, its meaning, the module that gives it."""
    found = [
        (code, meaning, name)
        for name in modules()
        for code, meaning in getattr(import_module(name), "WARNINGS", {}).items()
    ]
    return sorted(found)


def errors() -> list[type[AnatomyError]]:
    """Return every error class of the package, by code."""
    for name in modules():
        import_module(name)
    return sorted(_below(AnatomyError), key=lambda error: (error.code, error.__name__))


def commands() -> list[str]:
    """Return the words that call each command."""
    return sorted(_commands("codeanatomy", _app()))


def name_of(row: object) -> str:
    """Return what a declared row is called."""
    return str(getattr(row, "name", None) or getattr(row, "kind", ""))


def _sorted(rows: Iterable[Any]) -> list[Any]:
    values = rows.values() if isinstance(rows, dict) else rows
    return sorted(values, key=name_of)


def _below(base: type[AnatomyError]) -> set[type[AnatomyError]]:
    found = {base}
    for error in base.__subclasses__():
        if error.__module__.startswith("codeanatomy."):
            found |= _below(error)
    return found


def _app() -> App:
    app: App = import_module("codeanatomy.cli.app").app
    return app


def _usage() -> str:
    """Let cyclopts describe every command, as if the program ran under its own name."""
    running, sys.argv[0] = sys.argv[0], "codeanatomy"
    try:
        text = _app().generate_docs().strip()
        for name in _app():
            if f"\n## codeanatomy {name}\n" in text:  # its links leave out dashes, headings do not
                text = text.replace(f"(#codeanatomy-{name.lstrip('-')})", f"(#codeanatomy-{name})")
        return text
    finally:
        sys.argv[0] = running


def _commands(words: str, app: App) -> Iterator[str]:
    for name in app:
        if not name.startswith("-"):
            yield f"{words} {name}"
            yield from _commands(f"{words} {name}", app[name])


def _committed(name: str) -> str:
    path = REFERENCE / name
    return path.read_text("utf-8") if path.is_file() else ""


def _public(name: str) -> str:
    if name == "__version__":
        return f"## {name}\n\nThe installed version."
    return written(name, getattr(codeanatomy, name))


def _row(row: msgspec.Struct) -> str:
    """Write a declared row: its name, its meaning, then every other field that says something."""
    parts = [f"## {name_of(row)}", str(getattr(row, "meaning", ""))]
    fields = [
        f"- {name}: {_value(value)}"
        for name, value in msgspec.structs.asdict(row).items()
        if name not in ("name", "meaning") and value not in (None, "", ())
    ]
    return "\n\n".join(part for part in [*parts, "\n".join(fields)] if part)


def _value(value: object) -> str:
    if isinstance(value, list | tuple | frozenset):
        items = sorted(value, key=str) if isinstance(value, frozenset) else value
        return ", ".join(map(_value, items))
    if isinstance(value, msgspec.Struct):
        return f"`{name_of(value) or value}`"
    return f"`{value}`" if isinstance(value, str | int | float | bool) else str(value)


def _function(row: Any) -> str:  # noqa: ANN401 - a row of a room that this page does not import
    arguments = ", ".join(f"{name} {kind}" for name, kind in row.arguments)
    call = f"```sql\n{row.name}({arguments}) -> {row.returns}\n```"
    return f"## {row.name}\n\n{row.meaning}\n\n{call}\n\n- volatility: `{row.volatility}`"


_ASKED = (
    "Every question that has a name. Each is a command (`codeanatomy callers NAME`), a method of "
    "a graph (`graph.callers(name)`) and a table function of SQL; in SQL there is no limit unless "
    "one is given, and what was not analysed is an error."
)


def _question(row: Any) -> str:  # noqa: ANN401 - a row of a room that this page does not import
    given = [(f"`{one.name}`", f"`{one.type}`", _default(one), one.meaning) for one in row.given]
    parts = [f"## {row.name}", row.meaning, f"```sql\n{row.sql()}\n```"]
    facts = [
        ("about", row.about),
        ("needs", row.needs),
        ("uses, where there are any", row.uses),
    ]
    listed = [f"- {name}: {_value(values)}" for name, values in facts if values]
    listed += [f"- exit status: {row.exit}"] if row.exit else []
    parts += ["\n".join(listed)] if listed else []
    parts.append(grid(("given", "type", "default", "meaning"), given))
    return "\n\n".join([*parts, _columns(row.columns)])


def _default(one: Any) -> str:  # noqa: ANN401 - as above
    if one.default is None or one.default == ():
        return "may be left out" if one.optional or one.default == () else ""
    return f"`{str(one.default).lower()}`"


def _error(error: type[AnatomyError]) -> str:
    facts = (
        f"- class: `{error.__module__}.{error.__name__}`",
        f"- phase: `{error.phase}`",
        f"- exit status: {error.exit_status}",
    )
    return f"## {error.code}\n\n{inspect.getdoc(error)}\n\n" + "\n".join(facts)


_WARNED = (
    "Everything that a build warns of: the graph is whole and less is in it than could be. "
    "`codeanatomy build` prints them, `codeanatomy diag` and `facts['warnings']` of a version "
    "keep them with their facts. Codes are stable, wording is not."
)


def _warning(code: str, meaning: str, module: str) -> str:
    return f"## {code}\n\n{meaning[:1].upper()}{meaning[1:]}.\n\n- given by: `{module}`"


def _table(table: Table) -> str:
    facts = [f"- written by: `{table.producer}`", f"- key: `{', '.join(table.key)}`"]
    if table.partition:
        facts.append(f"- partitioned by: `{', '.join(table.partition)}`")
    parts = [f"## {table.name}", table.meaning, "\n".join(facts)]
    return "\n\n".join([*parts, _columns(table.columns)])


def _columns(columns: Iterable[Any]) -> str:
    rows = [(f"`{c.name}`", f"`{c.type}`", "yes" if c.nullable else "", c.meaning) for c in columns]
    return grid(("column", "type", "null", "meaning"), rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
