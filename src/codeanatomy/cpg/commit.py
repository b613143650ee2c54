"""Writing a build: each table where its repository's rows lie, all seen at once or never."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from codeanatomy.cpg import ids, nothing, repository
from codeanatomy.cpg.asked import libraries
from codeanatomy.cpg.compile import compile_plan
from codeanatomy.cpg.evidence import SELECTION
from codeanatomy.cpg.plans import keep_plan
from codeanatomy.cpg.reading import selection_table
from codeanatomy.kernel.errors import SpecError, UnsupportedError
from codeanatomy.kernel.fingerprint import fingerprint
from codeanatomy.store.base import NOTHING
from codeanatomy.store.disk import Disk
from codeanatomy.store.manifest import FOLDER, LOCK, Manifest, latest, publish
from codeanatomy.store.open import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from codeanatomy.cpg.asked import BuildSpec
    from codeanatomy.cpg.link.facts import Distributions
    from codeanatomy.cpg.reading import Read
    from codeanatomy.cpg.select import Selected
    from codeanatomy.cpg.stage import Stage
    from codeanatomy.kernel.schema import Table
    from codeanatomy.store.base import Store

_MAY_BE_THERE = {".gitignore", "cache", "lost+found"}  # before the first build


class OtherRootError(SpecError):
    """The store holds a repository of this name from another folder."""

    code = "other-root"


class NotAStoreError(SpecError):
    """The folder to write to holds something, and it is not a store."""

    code = "not-a-store"


class Place(NamedTuple):
    """Where a build writes: the store, its folder, and the version it continues from."""

    store: Store
    folder: Path
    base: Manifest | None
    disk: Disk

    @classmethod
    def of(cls, uri: str, disk: Disk | None) -> Self:
        """Open the store at `uri`, writing nothing.

        Raises `UnsupportedError` for a store that cannot hold a graph, `NotAStoreError` for a
        folder of something else: what is not ours is left alone.
        """
        store = open_store(uri, disk)
        able = store.capabilities
        if not (able.durable and able.sql_source):
            raise UnsupportedError(
                f"{able.backend} tables cannot hold a graph, which lies in a folder and is read "
                f"by SQL: give a folder, or parquet://FOLDER",
                uri=uri,
                backend=able.backend,
            )
        folder = Path(uri.rpartition("://")[2]).expanduser()
        there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        if not there & {LOCK, FOLDER} and there - _MAY_BE_THERE:
            raise NotAStoreError(
                f"{folder} holds other files and no graph; name an empty folder, or a new one",
                path=str(folder),
            )
        return cls(store, folder, None, disk or Disk())

    def newest(self) -> Self:
        """Return the same place with the version that is newest now."""
        return self._replace(base=latest(self.folder))

    @property
    def repos(self) -> dict[str, dict[str, Any]]:
        """What the store says of each repository, by name."""
        return dict(self.base.facts["repos"]) if self.base else {}

    @property
    def pinned(self) -> dict[str, int]:
        """The version of each table that is continued from."""
        return dict(self.base.tables) if self.base else {}

    def rows(
        self, table: str, repo: str | None = None, columns: Sequence[str] | None = None
    ) -> pa.Table | None:
        """Return one repository's rows, or all, of a table as pinned; None where it has none."""
        if table not in self.pinned:
            return None
        where = None if repo is None else {"repo": repo}
        version = self.pinned[table]
        return self.store.scan(table, as_of=version, columns=columns, where=where).read_all()

    def refuse_other_root(self, name: str, root: Path) -> None:
        """Raise `OtherRootError` if the name is taken by another folder."""
        known = self.repos.get(name, {}).get("root")
        if known is not None and known != str(root):
            msg = (
                f"the store already holds a repository {name!r} from {known}; "
                f"give this one another name with --name, or build into another store"
            )
            raise OtherRootError(msg, name=name, root=str(root), known=known)

    def unchanged(self, spec: BuildSpec, made_of: dict[str, str]) -> bool:
        """Whether the newest version is what this build would publish, but for `selection`."""
        known = self.repos.get(spec.name)
        return known is not None and known["envelope_hash"] == spec.envelope_hash(made_of)

    def outside(self, root: Path, chosen: Selected) -> Selected:
        """Leave out of the listing what the store itself keeps below the root."""
        own, top = self.folder.resolve(), root.resolve()
        if not own.is_relative_to(top) or own == top:
            return chosen
        below = own.relative_to(top).as_posix()
        rows = [r for r in chosen.rows if r.path != below and not r.path.startswith(below + "/")]
        return chosen._replace(rows=rows)


class Writer:
    """Replaces the rows of repositories table by table, bucket by bucket.

    Nothing is visible before the manifest pins what `versions` says.
    """

    def __init__(self, store: Store, pinned: Mapping[str, int]) -> None:
        """Continue from the pinned versions."""
        self._store = store
        self.versions = dict(pinned)
        self.rows: dict[str, int] = {}
        self._begun: set[tuple[str, tuple[tuple[str, str], ...]]] = set()

    def write(self, table: Table, rows: pa.Table, where: Mapping[str, str]) -> None:
        """Write rows whose partition columns equal `where`: the first in place of what was there.

        No rows make an empty table where there was none: it was looked for, and is not there.
        """
        key = (table.name, tuple(sorted(where.items())))
        first = key not in self._begun
        if not rows.num_rows and not first:
            return
        self._begun.add(key)
        rows = _with(table, rows, where)
        base = self.versions.get(table.name, NOTHING)
        if first:
            self.versions[table.name] = self._store.replace(table, rows, where, base=base)
        else:
            self.versions[table.name] = self._store.append(table, rows, base=base)
        self.rows[table.name] = self.rows.get(table.name, 0) + rows.num_rows

    def forget(self, table: str) -> None:
        """Leave a table out of this version."""
        self.versions.pop(table, None)


def inputs(files: Sequence[Read], environment: Distributions) -> dict[str, str]:
    """Return what a build was made of: each path with its content's hash, or why it has none.

    The empty path stands for what the repository says it depends on.
    """
    read = {f.entry.path: f.skipped or f.sha256 for f in files}
    return {"": fingerprint(sorted(environment.items())), **read}


def publish_selection(place: Place, name: str, chosen: Selected, now_ns: int) -> Manifest:
    """Publish what changed beside the sources: which paths were met; return the newest manifest.

    If that did not change either, it is the manifest that is there already.
    """
    base = place.base
    assert base is not None  # noqa: S101 - nothing is unchanged where nothing was
    where, rows = {"repo": name}, selection_table(chosen)
    stored = place.rows(SELECTION.name, name, rows.column_names)
    if stored is not None and stored.sort_by("path").cast(rows.schema).equals(rows.sort_by("path")):
        return base
    writer = Writer(place.store, place.pinned)
    writer.write(SELECTION, rows, where)
    manifest = msgspec.structs.replace(
        base,
        number=base.number + 1,
        run_id=uuid.uuid4().hex,
        created=now_ns // 1000,
        tables=dict(sorted(writer.versions.items())),
        parent=base.number,
    )
    publish(place.folder, manifest, place.disk)
    return manifest


def publish_build(stage: Stage) -> Manifest:
    """Let the gate decide, then pin what was written: the build is visible from here on."""
    report = stage.gate.decide()
    base = stage.place.base
    number = base.number + 1 if base else 0
    repos = {**stage.place.repos, stage.spec.name: _about(stage)}
    facts = {
        "repos": dict(sorted(repos.items())),
        "spec_hash": stage.spec.spec_hash(),
        "envelope_hash": stage.spec.envelope_hash(inputs(stage.files, stage.environment)),
        "plan": stage.spec.plan,
        "libraries": libraries(),
        "interpreter": stage.spec.interpreter,
        "rows": stage.writer.rows,
        "absent": nothing.absent(stage),
        "gate": [msgspec.to_builtins(rule) for rule in report],
        "warnings": stage.warnings,
        "timings": {**stage.timings, "wall": (time.time_ns() - stage.began) / 1e9},
    }
    manifest = Manifest(
        number=number,
        run_id=uuid.uuid4().hex,
        created=stage.began // 1000,
        tables=dict(sorted(stage.writer.versions.items())),
        facts=msgspec.json.decode(msgspec.json.encode(facts)),  # as it will be read
        parent=base.number if base else None,
    )
    keep_plan(stage.place.folder, compile_plan(), stage.place.disk)
    publish(stage.place.folder, manifest, stage.place.disk)
    return manifest


def _about(stage: Stage) -> dict[str, Any]:
    """Return what the manifest says of one repository."""
    read = [f for f in stage.files if not f.skipped]
    return {
        "files": len(read),
        "bytes": sum(f.size for f in read),
        "version_control": {k: v for k, v in repository.inputs(stage.root).items() if k != "root"},
        "root": str(stage.root),
        "extractors": list(stage.spec.extractors),
        "layers": list(stage.spec.layers),
        "spec": msgspec.to_builtins(stage.spec),
        "envelope_hash": stage.spec.envelope_hash(inputs(stage.files, stage.environment)),
        "environment": {k: list(v) for k, v in sorted(stage.environment.items())},
        "kinds": stage.kinds,
        "unparsed": sorted(stage.unparsed),
        "makers": sorted(stage.makers),
    }


def _with(table: Table, rows: pa.Table, where: Mapping[str, str]) -> pa.Table:
    """Add partition columns that the rows lack, and put columns in the declared order."""
    for name, value in where.items():
        if name not in rows.column_names:
            rows = rows.append_column(name, ids.constant(value, rows.num_rows))
    return rows.select([column.name for column in table.columns])
