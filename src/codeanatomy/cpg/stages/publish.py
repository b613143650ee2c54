"""Publishing: one manifest that says what a build was, and pins a version of every table."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from codeanatomy.cpg.compile import compile_plan
from codeanatomy.cpg.evidence import SELECTION
from codeanatomy.cpg.sources import repository
from codeanatomy.cpg.sources.reading import selection_table
from codeanatomy.cpg.stages.absent import absent
from codeanatomy.cpg.stages.asked import libraries
from codeanatomy.cpg.stages.plans import keep_plan
from codeanatomy.cpg.stages.writer import Writer
from codeanatomy.kernel.fingerprint import fingerprint
from codeanatomy.store.manifest import Manifest, publish

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codeanatomy.cpg.link.facts import Distributions
    from codeanatomy.cpg.sources.reading import Read
    from codeanatomy.cpg.sources.select import Selected
    from codeanatomy.cpg.stages.gate import Rule
    from codeanatomy.cpg.stages.place import Place
    from codeanatomy.cpg.stages.stage import Stage


def inputs(
    files: Sequence[Read], environment: Distributions, outside: Mapping[str, str]
) -> dict[str, str]:
    """Return what a build was made of: each path with its content's hash, or why it has none.

    The empty path stands for what the repository says it depends on, and for what was found of
    that: `outside` is the fingerprint of each lookup.
    """
    read = {f.entry.path: f.skipped or f.sha256 for f in files}
    return {"": fingerprint(sorted(environment.items()), sorted(outside.items())), **read}


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
    writer = Writer(place.store, place.pinned, place.parts)
    writer.write(SELECTION, rows, where)
    manifest = msgspec.structs.replace(
        base,
        number=base.number + 1,
        run_id=uuid.uuid4().hex,
        created=now_ns // 1000,
        tables=dict(sorted(writer.versions.items())),
        facts={**base.facts, "rows": writer.rows, "partitions": writer.parts},
        parent=base.number,
    )
    publish(place.folder, manifest, place.disk)
    return manifest


def publish_build(stage: Stage) -> Manifest:
    """Let the gate decide, then pin what was written: the build is visible from here on."""
    report = stage.gate.decide()
    base = stage.place.base
    number = base.number + 1 if base else 0
    about = _about(stage)
    repos = {**stage.place.repos, stage.spec.name: about}
    facts = {
        "repos": dict(sorted(repos.items())),
        "spec_hash": stage.spec.spec_hash(),
        "envelope_hash": about["envelope_hash"],
        "plan": stage.spec.plan,
        "libraries": libraries(),
        "interpreter": stage.spec.interpreter,
        "backend": stage.place.store.capabilities.backend,
        "rows": stage.writer.rows,
        "partitions": stage.writer.parts,
        "absent": absent(stage),
        "gate": [msgspec.to_builtins(rule) for rule in _whole(report, stage)],
        "agreement": stage.agreement,
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


def _whole(report: Sequence[Rule], stage: Stage) -> list[Rule]:
    """Add what earlier builds checked of the other repositories, whose rows are as they were."""
    others = [r["checked"] for name, r in stage.place.repos.items() if name != stage.spec.name]
    return [
        msgspec.structs.replace(
            rule, checked=rule.checked + sum(checked.get(rule.rule, 0) for checked in others)
        )
        for rule in report
    ]


def _about(stage: Stage) -> dict[str, Any]:
    """Return what the manifest says of one repository."""
    read = [f for f in stage.files if not f.skipped]
    asked = stage.outside.asked
    made_of = inputs(stage.files, stage.environment, stage.outside.fingerprint(asked))
    return {
        "files": len(read),
        "bytes": sum(f.size for f in read),
        "version_control": {k: v for k, v in repository.inputs(stage.root).items() if k != "root"},
        "root": str(stage.root),
        "extractors": list(stage.spec.extractors),
        "layers": list(stage.spec.layers),
        "spec": msgspec.to_builtins(stage.spec),
        "envelope_hash": stage.spec.envelope_hash(made_of),
        "asked_outside": list(asked),
        "python": str(stage.outside.python) if stage.outside.python else None,
        "environment": {k: list(v) for k, v in sorted(stage.environment.items())},
        "kinds": stage.kinds,
        "unparsed": sorted(stage.unparsed),
        "makers": sorted(stage.makers),
        "checked": stage.checked,
    }
