"""The command `plan`: the views that make a graph, what each reads, and the order they run in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from cyclopts import Parameter

from codeanatomy.cli.options import Output, StorePlace, Version, configured, emit, folder, opened

if TYPE_CHECKING:
    from codeanatomy.kernel.plan import Plan

PlanFormat = Annotated[
    Literal["text", "json", "dot", "mermaid"],
    Parameter(name=["--format", "-f"], help="How the plan is written; as text by default."),
]
Lineage = Annotated[
    bool, Parameter(negative="", help="Show the columns that each column is made from instead.")
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
    lineage: Lineage = False,
    output: Output = None,
) -> int:
    """Show the plan that made a graph, or that would make one.

    Each step is a view: its kind, what it reads and writes, whether a file alone decides its rows,
    its SQL or function, in the order they run. The fingerprint is equal if and only if the plan
    is. The text ends with the chain of steps that took longest, where that was measured. With a
    repository, and where there is no graph, it is the plan that a build would run now. With
    `--lineage` it is instead, for each SQL step, the columns that each of its columns is made
    from, read off the optimised plan: as text, or as JSON.
    """
    if lineage:
        emit(_lineage(form), output)
        return 0
    found, seconds = _kept(store, version) if repo is None else (_compiled(repo), {})
    writers = {
        "text": lambda: found.to_text() + _critical(found, seconds),
        "json": found.to_json,
        "dot": found.to_dot,
        "mermaid": found.to_mermaid,
    }
    emit(writers[form](), output)
    return 0


def _kept(store: str | None, version: int | None) -> tuple[Plan, dict[str, float]]:
    """Return the plan of a graph, and the seconds that its steps took by name."""
    from codeanatomy.cpg.api import NoGraphError  # noqa: PLC0415 - heavy

    try:
        graph = opened(store, version)
    except NoGraphError:
        if store is not None or version is not None:
            raise
        return _compiled("."), {}
    timings = graph.manifest.facts.get("timings", {})
    steps = (name.removeprefix("step ") for name in timings if name.startswith("step "))
    return graph.plan(), {name: timings[f"step {name}"] for name in steps}


def _critical(found: Plan, seconds: dict[str, float]) -> str:
    if not seconds:
        return ""
    path, total = found.critical_path(seconds)
    chain = " > ".join(path)
    return f"\ncritical path, {total:.3f} of {sum(seconds.values()):.3f} s: {chain}\n"


def _lineage(form: str) -> str:
    from codeanatomy.cpg.lineage import plan_lineage  # noqa: PLC0415 - heavy
    from codeanatomy.kernel.errors import UnsupportedError  # noqa: PLC0415 - beside its use

    found = plan_lineage()
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"
    if form != "text":
        raise UnsupportedError(f"lineage as {form}; it is shown as text or json", format=form)
    lines: list[str] = []
    for step, about in found.items():
        lines += [f"{step}  functions: {', '.join(about.functions) or 'none'}"]
        lines += [
            f"  {out} <- {', '.join(of) or 'a constant'}" for out, of in about.outputs.items()
        ]
    return "\n".join(lines) + "\n"


def _compiled(repo: str) -> Plan:
    """Compile the plan; the settings of the repository are checked on the way."""
    from codeanatomy.cpg.compile import compile_plan  # noqa: PLC0415 - heavy

    configured(folder(repo), {})
    return compile_plan()
