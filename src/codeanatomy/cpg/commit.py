"""Writing a build: each table where its repository's rows lie, all of them seen at once or never."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec
import pyarrow as pa

from codeanatomy.cpg import ids, nothing, repository
from codeanatomy.cpg.asked import libraries
from codeanatomy.kernel.errors import SpecError
from codeanatomy.store.base import NOTHING
from codeanatomy.store.manifest import Manifest, latest, publish
from codeanatomy.store.open import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codeanatomy.cpg.asked import BuildSpec
    from codeanatomy.cpg.reading import Read
    from codeanatomy.cpg.stage import Stage
    from codeanatomy.kernel.schema import Table
    from codeanatomy.store.base import Store
    from codeanatomy.store.disk import Disk


class OtherRootError(SpecError):
    """The store holds a repository of this name from another folder."""

    code = "other-root"


class Place(NamedTuple):
    """Where a build writes: the store, its folder, and the version it continues from."""

    store: Store
    folder: Path
    base: Manifest | None

    @classmethod
    def of(cls, uri: str, disk: Disk | None) -> Self:
        """Open the store at `uri`; nothing is read yet."""
        return cls(open_store(uri, disk), Path(uri.rpartition("://")[2]).expanduser(), None)

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

    def unchanged(self, spec: BuildSpec, files: Sequence[Read]) -> Manifest | None:
        """Return the newest manifest if it is what this build would publish."""
        known = self.repos.get(spec.name)
        if self.base is None or known is None:
            return None
        return self.base if known["envelope_hash"] == spec.envelope_hash(inputs(files)) else None


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


def inputs(files: Sequence[Read]) -> dict[str, str]:
    """Return what a build was made of: each path with its content's hash, or why it has none."""
    return {f.entry.path: f.skipped or f.sha256 for f in files}


def publish_build(stage: Stage, disk: Disk | None) -> Manifest:
    """Let the gate decide, then pin what was written: the build is visible from here on."""
    report = stage.gate.decide()
    base = stage.place.base
    number = base.number + 1 if base else 0
    repos = {**stage.place.repos, stage.spec.name: _about(stage)}
    facts = {
        "repos": dict(sorted(repos.items())),
        "spec_hash": stage.spec.spec_hash(),
        "envelope_hash": stage.spec.envelope_hash(inputs(stage.files)),
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
        facts=facts,
        parent=base.number if base else None,
    )
    publish(stage.place.folder, manifest, disk)
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
        "envelope_hash": stage.spec.envelope_hash(inputs(stage.files)),
        "environment": {k: list(v) for k, v in sorted(stage.environment.items())},
        "kinds": stage.kinds,
        "unparsed": sorted(stage.unparsed),
    }


def _with(table: Table, rows: pa.Table, where: Mapping[str, str]) -> pa.Table:
    """Add partition columns that the rows lack, and put columns in the declared order."""
    for name, value in where.items():
        if name not in rows.column_names:
            rows = rows.append_column(name, ids.constant(value, rows.num_rows))
    return rows.select([column.name for column in table.columns])
