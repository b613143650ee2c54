"""Buckets: every file is observed, then run after run of files becomes rows of the graph."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg import entities, evidence, ids
from codeanatomy.cpg.edges import EDGES_TABLE
from codeanatomy.cpg.nodes import LAYERS, NODES_TABLE, PROPS_TABLE
from codeanatomy.cpg.observe.observer import Numbered
from codeanatomy.cpg.progress import Progress
from codeanatomy.cpg.sources import reading
from codeanatomy.cpg.sources.listing import NOT_READ
from codeanatomy.cpg.stages.asked import ON_REQUEST
from codeanatomy.cpg.stages.given import builtin_places, builtins, modules
from codeanatomy.cpg.stages.pybuiltins import builtin_names
from codeanatomy.cpg.stages.relate import relate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from codeanatomy.cpg.observe.observer import Observer
    from codeanatomy.cpg.sources.reading import Read
    from codeanatomy.cpg.stages.stage import Stage
    from codeanatomy.kernel.schema import Table

WARNINGS = {
    "slow-file": "extracting what a file says took unusually long: its path and CPU seconds",
    "no-git": "git is missing or will not read the work tree: what it ignores is not left out",
}
"""What a build says of selection and extraction, by code."""

BUCKET_BYTES = 8 << 20  # of source: memory of a build grows with this, not with the repository
_ELSEWHERE = ("selection", "build_inputs")  # written once a build, before the files
_STORED_EVIDENCE = tuple(t for t in evidence.TABLES if t.name != "file_text")
_GRAPH = (NODES_TABLE, EDGES_TABLE, PROPS_TABLE)


def relate_files(stage: Stage, observer: Observer) -> None:
    """Observe every file, then turn evidence into graph rows bucket by bucket."""
    stage.files = _with_bytes(stage, observer)
    observed = [_numbered(stage, f) for f in stage.files if not f.skipped]
    began = time.process_time()
    observer.observe(observed)
    stage.timed("extract", began)
    stage.warnings += [
        {"code": "slow-file", "stage": "extraction", "message": f"{path} took {seconds} CPU s",
         "facts": {"path": path, "seconds": seconds}}
        for seconds, path in observer.slowest
    ]  # fmt: skip
    if stage.chosen.note == NOT_READ:
        warning = {"code": "no-git", "stage": "selection", "message": NOT_READ, "facts": {}}
        stage.warnings.append(warning)
    for table, rows in (
        (evidence.SELECTION, reading.selection_table(stage.chosen)),
        (evidence.BUILD_INPUTS, reading.inputs_table(stage.files, stage.began)),
    ):
        stage.writer.write(table, rows, stage.where)
    by_number = sorted(stage.files, key=lambda f: stage.file_no[f.entry.path])
    done = 0
    for bucket in _buckets(by_number):
        stage.say(Progress("relate", done, len(stage.files)))
        _relate_bucket(stage, observer, bucket)
        done += len(bucket)
    _leave_out(stage)
    stage.checked = stage.gate.counts()


def _with_bytes(stage: Stage, observer: Observer) -> list[Read]:
    """Read the files that were trusted unread and are in no cache."""
    unseen = observer.misses(f.sha256 for f in stage.files if not f.skipped)
    return [
        reading.read_one(stage.root, f.entry) if f.raw is None and f.sha256 in unseen else f
        for f in stage.files
    ]


def _numbered(stage: Stage, file: Read) -> Numbered:
    path = file.entry.path
    return Numbered(stage.file_no[path], path, file.sha256, file.size, file.raw or b"")


def _buckets(files: Sequence[Read]) -> Iterator[list[Read]]:
    remaining = iter(files)
    bucket: list[Read] = []
    size = 0
    for file in remaining:
        bucket.append(file)
        size += file.size
        if size >= BUCKET_BYTES:
            yield bucket
            bucket, size = [], 0
    if bucket or not files:
        yield bucket


def _relate_bucket(stage: Stage, observer: Observer, bucket: Sequence[Read]) -> None:
    began = time.process_time()
    observed = observer.tables([_numbered(stage, f) for f in bucket if not f.skipped])
    stage.timed("load", began)
    began = time.process_time()
    files = reading.files_table(bucket, stage.file_no, observed.get("file_text"))
    files = files.append_column("repo", pa.array([stage.spec.name] * len(files), pa.string()))
    given = {
        "files": files,
        "modules": modules(stage, bucket),
        "builtin_names": builtins(stage),
        "builtin_places": builtin_places(stage),
    }
    related = relate(observed, given)
    stage.timed("relate", began)
    for name, seconds in related.seconds.items():
        stage.timings[f"step {name}"] = stage.timings.get(f"step {name}", 0.0) + seconds
    began = time.process_time()
    graph = related.tables
    globals_ = np.array(sorted(stage.builtin_nid(n) for n in builtin_names()), np.int64)
    stage.gate.check_files(graph, observed, files, globals_)
    stage.gate.refuse()
    stage.timed("gate", began)
    began = time.process_time()
    _write_evidence(stage, {**observed, "files": files, "ast_errors": _ast_errors(observed)})
    _write_graph(stage, _layered(graph, stage.spec.layers))
    _keep(stage, graph, observed, given["modules"], files)
    stage.timed("write", began)


def _layered(graph: Mapping[str, pa.Table], layers: Sequence[str]) -> dict[str, pa.Table]:
    """Leave out the layers that were not asked for: numbers do not change by that."""
    found = dict(graph)
    kinds = set(found["nodes"]["layer"].unique().to_pylist())
    kinds |= set(found["edges"]["layer"].unique().to_pylist())
    if kinds <= set(layers):
        return found
    wanted = pa.array(layers, pa.string())
    nodes = found["nodes"]
    found["nodes"] = nodes.filter(pc.is_in(nodes["layer"].cast(pa.string()), wanted))
    kept = [LAYERS.index(layer) for layer in layers]
    edges = found["edges"]
    mask = pc.is_in(edges["layer"].cast(pa.string()), wanted).to_numpy()
    for end in ("src", "dst"):
        mask = mask & np.isin((edges[end].to_numpy() >> ids.LAYER_BITS) % ids.RANGES, kept)
    found["edges"] = edges.filter(pa.array(mask))
    props = found["props"]
    inside = np.isin((props["nid"].to_numpy() >> ids.LAYER_BITS) % ids.RANGES, kept)
    found["props"] = props.filter(pa.array(inside))
    return found


def _write_evidence(stage: Stage, observed: Mapping[str, pa.Table]) -> None:
    for table in _STORED_EVIDENCE:
        if table.producer in stage.spec.per_file and table.name not in _ELSEWHERE:
            rows = observed.get(table.name)
            stage.writer.write(table, _empty(table) if rows is None else rows, stage.where)
    scopes, texts = (observed.get(name) for name in ("scopes", "file_text"))
    parsed = set() if scopes is None else set(scopes["file_no"].unique().to_pylist())
    stage.unparsed |= set() if texts is None else set(texts["file_no"].to_pylist()) - parsed


def _leave_out(stage: Stage) -> None:
    """Take away what an earlier build was asked for and this one was not."""
    others = {e for name, r in stage.place.repos.items() if name != stage.spec.name
              for e in r["extractors"]}  # fmt: skip
    for table in _STORED_EVIDENCE:
        old = table.name in stage.writer.versions and table.producer in ON_REQUEST
        if old and table.producer not in stage.spec.extractors:
            if table.producer in others:
                stage.writer.write(table, _empty(table), stage.where)
            else:
                stage.writer.forget(table.name)


def _empty(table: Table) -> pa.Table:
    """Return no rows of what an extractor gives."""
    return pa.schema([f for f in table.arrow() if f.name != "repo"]).empty_table()


def _ast_errors(observed: Mapping[str, pa.Table]) -> pa.Table:
    """Return why Python cannot parse files: what the syntax extractor could not do."""
    errors = observed.get("extraction_errors", _empty(evidence.EXTRACTION_ERRORS))
    names = [f.name for f in evidence.AST_ERRORS.arrow() if f.name != "repo"]
    return errors.filter(pc.equal(errors["extractor"], "ast")).select(names)


def _write_graph(stage: Stage, graph: Mapping[str, pa.Table]) -> None:
    for table in _GRAPH:
        rows = graph[table.name]
        stage.writer.write(table, rows, {**stage.where, "reach": "file"})
        if table is not PROPS_TABLE:
            stage.count(rows, stage.kinds)


def _keep(
    stage: Stage,
    graph: Mapping[str, pa.Table],
    observed: Mapping[str, pa.Table],
    modules: pa.Table,
    files: pa.Table,
) -> None:
    """Store and keep at hand what other files may refer to."""
    module_nodes = graph["nodes"].filter(pc.equal(graph["nodes"]["kind"], "module"))
    nid = dict(zip(*(module_nodes[c].to_pylist() for c in ("file_no", "nid")), strict=True))
    at = [nid.get(n) for n in modules["file_no"].to_pylist()]
    modules = modules.append_column("nid", pa.array(at, pa.int64()))
    modules = modules.filter(pc.is_valid(modules["nid"]))
    parts = {**{t.name: graph.get(t.name) for t in entities.STORED}, "modules": modules}
    for table in entities.STORED:
        rows = parts[table.name]
        assert rows is not None  # noqa: S101 - every stored table is a step of the plan
        stage.writer.write(table, rows, stage.where)
    parts |= {"imports": graph["import_nodes"], "files": files}
    stage.makers |= _makers(observed)
    parts["exports"] = observed.get("ast_exports")
    for name in ("file_lines", "value_bodies", "value_steps", "ast_args"):
        parts[name] = observed.get(name)
    parts["tolerant_calls"] = _tolerant_calls(graph["nodes"])
    for name, rows in parts.items():
        if rows is not None:
            stage.own.setdefault(name, []).append(rows)


def _tolerant_calls(nodes: pa.Table) -> pa.Table:
    """Return the call sites of files that Python cannot parse."""
    sites = nodes.filter(pc.equal(nodes["kind"], "call site"))
    return sites.filter(pc.is_null(sites["syntax"])).select(["nid", "bstart", "bend", "name"])


def _makers(observed: Mapping[str, pa.Table]) -> set[int]:
    """Name the files whose code can make names of a module that no statement binds."""
    if "ast_calls" not in observed:
        return set()
    calls = observed["ast_calls"]
    making = pc.is_in(calls["text"], pa.array(["globals", "exec", "_convert_"]))
    return set(calls.filter(making)["file_no"].to_pylist())
