"""The command `config`: settings, their values, and where each came from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from codeanatomy.cli._say import say
from codeanatomy.cli.options import AsJson, Output, Repository, as_json, configured, emit, folder
from codeanatomy.kernel.errors import SpecError

config = App(name="config", help="Show, check, or begin the settings of a repository.", sort_key=99)

WithSources = Annotated[bool, Parameter(help="Show where each value came from: file and line.")]


@config.command
def show(
    repo: Repository = ".",
    /,
    *,
    with_sources: WithSources = False,
    json: AsJson = False,
    output: Output = None,
) -> int:
    """Show every setting as a build of REPO would have it.

    The command line comes first, then the environment (`CODEANATOMY_*`), `codeanatomy.toml`,
    `[tool.codeanatomy]` of `pyproject.toml`, and the defaults.
    """
    found = configured(folder(repo), {})
    if json:
        rows = {
            name: {"value": value, "source": found.sources[name]} if with_sources else value
            for name, value in found.values.items()
        }
        emit(as_json(rows), output)
        return 0
    from codeanatomy.cpg.graph.formats import aligned  # noqa: PLC0415 - heavy

    cells = [
        (name, _shown(value), *([found.sources[name]] if with_sources else []))
        for name, value in found.values.items()
    ]
    emit("\n".join(aligned(cells)), output)
    return 0


@config.command
def validate(
    file: Annotated[str | None, Parameter(help="The file; by default both here.")] = None, /
) -> int:
    """Check files of settings; exit status 2 if anything is wrong.

    Without a file: `codeanatomy.toml` and `pyproject.toml` of the current folder, those there are.
    Each thing that is wrong is told with its file and line.
    """
    from codeanatomy.cpg import config as settings  # noqa: PLC0415 - only commands that run need it

    known = [Path(name) for name in (settings.FILE, settings.PROJECT)]
    paths = [Path(file)] if file else [path for path in known if path.is_file()]
    wrong = [error for path in paths for error in settings.validate(path)]
    for error in wrong:
        say(f"error[{error.code}]: {error}")
    if not wrong:
        emit(f"{', '.join(map(str, paths))}: valid" if paths else "no file of settings here")
    return SpecError.exit_status if wrong else 0


@config.command
def init(*, output: Output = None) -> int:
    """Write a `codeanatomy.toml` that shows every setting, commented out, at its default.

    A file that is there already is left alone, with an error.
    """
    from codeanatomy.cpg import config as settings  # noqa: PLC0415 - only commands that run need it

    path = Path(output or settings.FILE)
    if path.exists():
        raise SpecError(f"{path} is there already; name another with -o", path=str(path))
    emit(settings.init_text(), str(path))
    emit(f"wrote {path}")
    return 0


def _shown(value: Any) -> str:  # noqa: ANN401 - a setting's value
    if value is None:
        return "(not set)"
    if isinstance(value, bool):
        return str(value).lower()
    return (", ".join(value) or "(none)") if isinstance(value, tuple) else str(value)
