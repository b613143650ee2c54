"""The command `plan`: the views that make a graph, what each reads, and the order they run in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from codeanatomy.cli.options import Output, StorePlace, Version, configured, emit, folder, opened

if TYPE_CHECKING:
    from codeanatomy.kernel.plan import Plan

PlanFormat = Annotated[
    Literal["text", "json", "dot", "mermaid"],
    Parameter(name=["--format", "-f"], help="How the plan is written; as text by default."),
]
Planned = Annotated[
    str | None, Parameter(help="A repository: the plan that a build of it would run now.")
]


def plan(
    repo: Planned = None,
    /,
    *,
    store: StorePlace = None,
    version: Version = None,
    form: PlanFormat = "text",
    output: Output = None,
) -> int:
    """Show the plan that made a graph, or that would make one.

    Each step is a view: its kind, what it reads and writes, whether a file alone decides its rows,
    its SQL or function, in the order they run. The fingerprint is equal if and only if the plan
    is. With a repository, and where there is no graph, it is the plan that a build would run now.
    """
    found = _kept(store, version) if repo is None else _compiled(repo)
    writers = {
        "text": found.to_text,
        "json": found.to_json,
        "dot": found.to_dot,
        "mermaid": found.to_mermaid,
    }
    emit(writers[form](), output)
    return 0


def _kept(store: str | None, version: int | None) -> Plan:
    from codeanatomy.cpg.api import NoGraphError  # noqa: PLC0415 - heavy

    try:
        return opened(store, version).plan()
    except NoGraphError:
        if store is not None or version is not None:
            raise
        return _compiled(".")


def _compiled(repo: str) -> Plan:
    """Compile the plan; the settings of the repository are checked on the way."""
    from codeanatomy.cpg.compile import compile_plan  # noqa: PLC0415 - heavy

    configured(folder(repo), {})
    return compile_plan()
