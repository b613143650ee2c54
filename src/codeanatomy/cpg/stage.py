"""A build on its way: what is known so far, and what each bucket of files goes through."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg import entities, evidence, ids, reading
from codeanatomy.cpg.asked import ON_REQUEST
from codeanatomy.cpg.commit import Writer
from codeanatomy.cpg.edges import EDGES_TABLE
from codeanatomy.cpg.gate import Gate
from codeanatomy.cpg.link.distributions import declared
from codeanatomy.cpg.link.modules import name_modules
from codeanatomy.cpg.nodes import LAYERS, NODES_TABLE, PROPS_TABLE
from codeanatomy.cpg.observe import Numbered
from codeanatomy.cpg.progress import Progress
from codeanatomy.cpg.pybuiltins import builtin_names
from codeanatomy.cpg.relate import relate
from codeanatomy.cpg.views import SPACES
from codeanatomy.store import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from codeanatomy.cpg.asked import BuildSpec
    from codeanatomy.cpg.commit import Place
    from codeanatomy.cpg.observe import Observer
    from codeanatomy.cpg.reading import Read
    from codeanatomy.cpg.select import Selected
    from codeanatomy.kernel.schema import Table

BUCKET_BYTES = 8 << 20  # of source: memory of a build grows with this, not with the repository
_ELSEWHERE = ("selection", "build_inputs")  # written once a build, before the files
_STORED_EVIDENCE = tuple(t for t in evidence.TABLES if t.name != "file_text")
_GRAPH = (NODES_TABLE, EDGES_TABLE, PROPS_TABLE)


class Stage:
    """The parts of one build that its stages share."""

    def __init__(
        self,
        root: Path,
        spec: BuildSpec,
        chosen: Selected,
        files: list[Read],
        place: Place,
        began: int,
        say: Callable[[Progress], None],
    ) -> None:
        """Hand out the numbers that a build starts with."""
        self.root, self.spec, self.chosen, self.files = root, spec, chosen, files
        self.place, self.began, self.say = place, began, say
        self.writer = Writer(place.store, place.pinned)
        self.gate = Gate()
        self.kinds: dict[str, int] = {}  # of what this repository's files alone decide
        self.linked: dict[str, int] = {}  # of what all repositories together decide
        self.timings: dict[str, float] = {}
        self.warnings: list[dict[str, Any]] = []
        self.unparsed: set[int] = set()
        self.makers: set[int] = set()
        self.environment = declared(root)
        self._known = numbers.known(place.store, place.pinned.get(numbers.NUMBERS.name))
        self._new: list[pa.Table] = []
        keys = [(spec.name, f.entry.path) for f in files]
        given = self.hand_out("file", keys)
        self.file_no = {path: given[spec.name, path] for _, path in keys}
        self.hand_out("global", [("builtin", n) for n in builtin_names()])
        given_globals = numbers.numbers(self._known, "global")
        self.builtins = {key: n for key, n in given_globals.items() if key[0] == "builtin"}
        self.own: dict[str, list[pa.Table]] = {}

    @property
    def where(self) -> dict[str, str]:
        """The partition of this repository."""
        return {"repo": self.spec.name}

    def hand_out(self, series: str, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the number of each key; those not known yet get the next ones."""
        wanted = list(dict.fromkeys(keys))
        fresh = numbers.assign(self._known, series, wanted)
        if fresh.num_rows:
            self._known = pa.concat_tables([*([self._known] if self._known else []), fresh])
            self._new.append(fresh)
        given = numbers.numbers(self._known, series)
        return {key: given[key] for key in wanted}

    def write_numbers(self) -> None:
        """Append the numbers that this build gave."""
        pinned = self.place.pinned.get(numbers.NUMBERS.name)
        fresh = pa.concat_tables(self._new) if self._new else numbers.NUMBERS.arrow().empty_table()
        version = numbers.hand_out(self.place.store, fresh, pinned)
        self.writer.versions[numbers.NUMBERS.name] = version

    def builtin_nid(self, name: str) -> int:
        """Return the node of a builtin."""
        return (LAYERS.index("names") << ids.LAYER_BITS) | self.builtins["builtin", name]

    def timed(self, stage: str, began: float) -> None:
        """Add CPU seconds to a stage."""
        self.timings[stage] = self.timings.get(stage, 0.0) + time.process_time() - began

    @staticmethod
    def count(rows: pa.Table, kinds: dict[str, int]) -> None:
        """Count nodes or edges by kind."""
        for entry in pc.value_counts(rows["kind"]).to_pylist():
            kind = entry["values"]
            kinds[kind] = kinds.get(kind, 0) + entry["counts"]


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
        "modules": _modules(stage, bucket),
        "builtin_names": _builtin_names(stage),
        "builtin_places": _builtin_places(stage),
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


def _modules(stage: Stage, bucket: Sequence[Read]) -> pa.Table:
    files = [(stage.file_no[f.entry.path], f.entry.path, f.entry.kind) for f in bucket]
    package = any((stage.root / f"__init__{suffix}").is_file() for suffix in (".py", ".pyi"))
    roots = stage.spec.import_roots
    named = name_modules(stage.spec.name, files, roots, stage.root.name, package)
    columns = list(zip(*named, strict=True)) or [()] * 6
    fields = [f for f in entities.MODULES.arrow() if f.name not in ("repo", "nid")]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, fields, strict=True)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields)).sort_by("file_no")


def _builtin_names(stage: Stage) -> pa.Table:
    names = builtin_names()
    ordinals = [stage.builtins["builtin", name] for name in names]
    return pa.table({"name": names, "ordinal": pa.array(ordinals, pa.int64())})


def _builtin_places(stage: Stage) -> pa.Table:
    names = sorted(builtin_names(), key=lambda n: stage.builtins["builtin", n])
    return pa.table(
        {
            "space": pa.array([SPACES.index("global")] * len(names), pa.int64()),
            "key": pa.array([stage.builtins["builtin", n] for n in names], pa.int64()),
            "nid": pa.array([stage.builtin_nid(n) for n in names], pa.int64()),
        }
    )


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
        mask = mask & np.isin((edges[end].to_numpy() >> ids.LAYER_BITS) & 15, kept)
    found["edges"] = edges.filter(pa.array(mask))
    props = found["props"]
    inside = np.isin((props["nid"].to_numpy() >> ids.LAYER_BITS) & 15, kept)
    found["props"] = props.filter(pa.array(inside))
    return found


def _write_evidence(stage: Stage, observed: Mapping[str, pa.Table]) -> None:
    for table in _STORED_EVIDENCE:
        if table.producer in stage.spec.extractors and table.name not in _ELSEWHERE:
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
    parts["file_lines"] = observed.get("file_lines")
    for name, rows in parts.items():
        if rows is not None:
            stage.own.setdefault(name, []).append(rows)


def _makers(observed: Mapping[str, pa.Table]) -> set[int]:
    """Name the files whose code can make names of a module that no statement binds."""
    if "ast_calls" not in observed:
        return set()
    calls = observed["ast_calls"]
    making = pc.is_in(calls["text"], pa.array(["globals", "exec", "_convert_"]))
    return set(calls.filter(making)["file_no"].to_pylist())
