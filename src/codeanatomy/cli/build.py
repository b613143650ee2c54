"""The command `build`: a repository becomes a graph in a store."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from codeanatomy.cli.options import (
    AsJson,
    Repository,
    StorePlace,
    as_json,
    configured,
    emit,
    folder,
)

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.cpg.api import Graph

Words = tuple[str, ...]

Name = Annotated[str | None, Parameter(help="Its name in the store; its own by default.")]
Include = Annotated[Words, Parameter(help="Only files that match; patterns as in .gitignore.")]
Exclude = Annotated[Words, Parameter(help="No files that match; patterns as in .gitignore.")]
Evidence = Annotated[Words, Parameter(help="Extractors to run besides the usual.")]
Layers = Annotated[Words, Parameter(help="Layers to build; by default the usual.")]
Python = Annotated[
    str | None,
    Parameter(help="A virtual environment, interpreter or prefix whose packages may be read."),
]
Jobs = Annotated[
    int | None, Parameter(name=["--jobs", "-j"], help="Worker processes; 0 is one a processor.")
]
Cache = Annotated[
    bool | None,
    Parameter(negative="--no-cache", help="Use what was extracted before again; the default."),
]
Verify = Annotated[bool | None, Parameter(help="Compare contents to find what changed.")]


def build(  # noqa: PLR0913 - one option for each setting that people change
    repo: Repository = ".",
    /,
    *,
    store: StorePlace = None,
    name: Name = None,
    include: Include = (),
    exclude: Exclude = (),
    evidence: Evidence = (),
    layers: Layers = (),
    python: Python = None,
    jobs: Jobs = None,
    cache: Cache = None,
    verify: Verify = None,
    json: AsJson = False,
) -> int:
    """Build the graph of a repository.

    Every source file below REPO that git tracks or does not ignore is read, never run. The graph
    is checked before anything becomes visible; if a rule is broken, or the build is interrupted,
    the store is as it was. Several repositories can share a store, each under its own name.
    Options that take several values may be given several times, or hold commas.
    """
    root = folder(repo)
    given: dict[str, object] = {
        "store": store,
        "name": name,
        "include": include or None,
        "exclude": exclude or None,
        "evidence": _split(evidence),
        "layers": _split(layers),
        "python": python,
        "jobs": jobs,
        "cache": cache,
        "verify": verify,
    }
    began = time.monotonic()
    graph = _built(root, given, quiet=json)
    facts = _facts(graph, time.monotonic() - began)
    emit(as_json(facts) if json else _summary(facts))
    return 0


def _built(root: Path, given: dict[str, object], *, quiet: bool) -> Graph:
    from codeanatomy.cli import _progress  # noqa: PLC0415 - only a build shows how far it is
    from codeanatomy.cpg.api import built  # noqa: PLC0415 - heavy: loaded once the words are valid

    config = configured(root, given)
    with _progress.shown(quiet=quiet) as listener:
        return built(root, config, listener)


def _facts(graph: Graph, seconds: float) -> dict[str, Any]:
    """Say what the version holds, all its repositories together."""
    query = """select (select count(*) from nodes) as nodes, (select count(*) from edges) as edges,
        (select count(*) from edges where kind = 'UNRESOLVED') as unresolved,
        (select count(*) from files where skipped is null) as files,
        (select coalesce(sum(size), 0) from files where skipped is null) as bytes,
        (select count(distinct file_no) from extraction_errors) as files_with_errors"""
    manifest = graph.manifest
    return {
        "store": graph.store,
        "version": graph.version,
        "run": manifest.run_id,
        "repositories": sorted(manifest.facts.get("repos", {})),
        **graph.sql(query).to_pylist()[0],
        "nothing_read": _nothing_read(graph),
        "seconds": round(seconds, 3),
        "warnings": manifest.facts.get("warnings", []),
    }


def _nothing_read(graph: Graph) -> dict[str, dict[str, int]]:
    """Say of each repository of which no file was read why paths were left out, and how many."""
    query = """select repo, reason, count(*) as n from selection where not included
        and repo not in (select repo from files where skipped is null)
        group by repo, reason order by n desc, reason"""
    read = graph.sql("select distinct repo from files where skipped is null").to_pylist()
    known = {row["repo"] for row in read}
    found: dict[str, dict[str, int]] = {
        name: {} for name in sorted(graph.manifest.facts.get("repos", {})) if name not in known
    }
    for row in graph.sql(query).to_pylist() if found else ():
        found.setdefault(row["repo"], {})[row["reason"]] = row["n"]
    return found


def _summary(facts: dict[str, Any]) -> str:
    broken = facts["files_with_errors"]
    counts = ", ".join(f"{facts[what]:,} {what}" for what in ("nodes", "edges", "unresolved"))
    files = f"{_files(facts['files'])} ({facts['bytes'] / 1e6:.1f} MB)"
    lines = [
        f"{', '.join(facts['repositories'])}: version {facts['version']} in {facts['store']}",
        f"  {files}, {counts}, {facts['seconds']:.1f} s",
    ]
    for name, reasons in facts["nothing_read"].items():
        why = ", ".join(f"{n:,} {reason}" for reason, n in reasons.items()) or "no file is there"
        lines.append(f"  no Python file was read in {name}; left out: {why}")
    if broken:
        hint = f"codeanatomy diag -s {shlex.quote(facts['store'])}"
        lines.append(f"  {_files(broken)} with errors: {hint}")
    lines += [f"  warning[{w.get('code')}]: {w.get('message')}" for w in facts["warnings"]]
    return "\n".join(lines)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _split(words: Words) -> Words | None:
    return tuple(part for word in words for part in word.split(",") if part) or None
