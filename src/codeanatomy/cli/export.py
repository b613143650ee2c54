"""The command `export`: the graph as a file for other programs."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from codeanatomy.cli.options import AsJson, Output, StorePlace, Version, as_json, emit, opened

NAMES = {"scip": "index.scip"}


def export(
    form: Annotated[Literal["scip"], Parameter(help="The form: a SCIP index.")],
    /,
    *,
    output: Output = None,
    repo: Annotated[
        str | None, Parameter(help="Which repository, where the graph has several.")
    ] = None,
    package_version: Annotated[
        str, Parameter(help="The version that every symbol names; 0 by default.")
    ] = "0",
    store: StorePlace = None,
    version: Version = None,
    json: AsJson = False,
) -> int:
    """Write the graph in a form that other programs read.

    `scip` is a SCIP index, for editors and code hosts: definitions, references, documentation and
    what implements what. It is written to `index.scip` where no file is named. It takes the extra
    `scip`.
    """
    path = output or NAMES[form]
    about = opened(store, version).export(form, path, repo=repo, package_version=package_version)
    facts = {"file": path, **about._asdict()}
    emit(as_json(facts) if json else _summary(facts))
    return 0


def _summary(facts: dict[str, object]) -> str:
    left, counts = facts["left_out"], []
    for what in ("documents", "occurrences", "symbols"):
        number = facts[what]
        counts.append(f"{number:,} {what[:-1] if number == 1 else what}")
    lines = [f"{facts['file']}: {', '.join(counts)}"]
    if isinstance(left, tuple) and left:
        lines.append(f"  left out, as no position in them can be written: {', '.join(left)}")
    return "\n".join(lines)
