"""Witnesses: other programs read the whole repository, and what they say becomes evidence."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg import evidence, extract
from codeanatomy.cpg.edges import EDGES_TABLE
from codeanatomy.cpg.extract._witness import Seen
from codeanatomy.cpg.link.symbols import Indexed, link_symbols
from codeanatomy.cpg.link.testimony import witness_targets
from codeanatomy.cpg.nodes import NODES_TABLE
from codeanatomy.cpg.progress import Progress
from codeanatomy.cpg.sources import reading
from codeanatomy.cpg.stages.asked import WITNESSES
from codeanatomy.kernel.catalog import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from codeanatomy.cpg.config import Config
    from codeanatomy.cpg.link.facts import Facts
    from codeanatomy.cpg.link.symbols import Symbols
    from codeanatomy.cpg.stages.stage import Stage
    from codeanatomy.kernel.schema import Table

LAYER = "scip"


def hear_witnesses(stage: Stage, config: Config) -> None:
    """Let each witness that was asked for read the repository, and store what it says.

    Raises what the witness raises: `MissingPartError`, `WitnessError`, and its own errors.
    """
    files = list(_seen(stage)) if stage.spec.witnesses else []
    for name in stage.spec.witnesses:
        stage.say(Progress(name, 0, len(files)))
        began = time.process_time()
        said = load(extract, name, "observe")(stage.root, files, config)
        for table in evidence.TABLES:
            if table.producer == name:
                stage.writer.write(table, said.tables[table.name], stage.where)
        stage.warnings += said.warnings
        stage.timed(f"witness {name}", began)


def indexed_symbols(stage: Stage, facts: Facts) -> Symbols | None:
    """Make the nodes and edges of SCIP indexes; None where no repository was asked for them."""
    repos = sorted(_asked(stage))
    if not repos:
        return None
    files = _files(facts.files)
    return link_symbols(
        Indexed(
            occurrences=stored(stage, evidence.SCIP_OCCURRENCES, repos),
            symbols=stored(stage, evidence.SCIP_SYMBOLS, repos),
            relationships=stored(stage, evidence.SCIP_RELATIONSHIPS, repos),
            nodes=stored(
                stage, NODES_TABLE, repos,
                ("nid", "kind", "syntax", "name", "file_no", "bstart", "bend"), reach="file",
            ),
            references=_references(stage, repos),
            definitions=stored(stage, evidence.AST_DEFS, repos),
            attributes=stored(stage, evidence.AST_ATTRIBUTES, repos),
            files=files,
            file_lines=facts.file_lines,
        ),
        lambda keys: stage.hand_out("global", keys),
    )  # fmt: skip


def testified_targets(stage: Stage) -> pa.Table | None:
    """Return what witnesses say that calls of any repository run, as `link.testimony.TARGETS`.

    None where no repository was asked for a witness.
    """
    about = {**stage.place.repos, stage.spec.name: _own(stage)}
    repos = sorted(name for name, r in about.items() if set(r["extractors"]) & set(WITNESSES))
    if not repos:
        return None
    calls = ("file_no", "bstart", "bend", "callee_bstart", "callee_bend")
    tables = {evidence.AST_CALLS.name: stored(stage, evidence.AST_CALLS, repos, calls)}
    for table in (evidence.SCIP_OCCURRENCES, evidence.TYPE_CALLS):
        tables[table.name] = stored(stage, table, repos)
    return witness_targets(tables)


def stored(
    stage: Stage,
    table: Table,
    repos: Sequence[str],
    columns: Sequence[str] = (),
    **where: str,
) -> pa.Table:
    """Return rows of these repositories as this build leaves them, not yet visible to others."""
    version = stage.writer.versions.get(table.name)
    schema = table.arrow()
    wanted = list(columns) or schema.names
    parts = [pa.schema([schema.field(name) for name in wanted]).empty_table()]
    for repo in repos if version is not None else ():
        found = stage.place.store.scan(
            table.name, as_of=version, columns=wanted, where={"repo": repo, **where}
        )
        parts.append(found.read_all().select(wanted).cast(parts[0].schema))
    return pa.concat_tables(parts)


def _seen(stage: Stage) -> Iterator[Seen]:
    """Yield the files that were read, those that were trusted unread too."""
    for file in stage.files:
        if not file.skipped:
            whole = reading.read_one(stage.root, file.entry) if file.raw is None else file
            yield Seen(stage.file_no[file.entry.path], file.entry.path, whole.raw or b"")


def _asked(stage: Stage) -> Iterator[str]:
    """Name the repositories that have an index and were asked for its layer."""
    for name, about in {**stage.place.repos, stage.spec.name: _own(stage)}.items():
        if LAYER in about["layers"] and set(about["extractors"]) & _FILLING:
            yield name


def _own(stage: Stage) -> Mapping[str, Sequence[str]]:
    return {"layers": stage.spec.layers, "extractors": stage.spec.extractors}


_FILLING = {e.name for e in evidence.EXTRACTORS if e.layer == LAYER}


def _files(files: pa.Table) -> dict[int, tuple[str, str]]:
    columns = (files[name].to_pylist() for name in ("file_no", "repo", "path"))
    return {number: (repo, path) for number, repo, path in zip(*columns, strict=True)}


def _references(stage: Stage, repos: Sequence[str]) -> pa.Table:
    """Return what each reference means, with the file that it stands in."""
    columns = ("src", "dst", "bstart", "bend")
    rows = stored(stage, EDGES_TABLE, repos, columns, kind="REF", reach="file")
    return rows.append_column("file_no", pc.shift_right(rows["src"], 32))
