"""The one verb: sources become a published version of the graph, stage by stage."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from codeanatomy.cpg.link.distributions import declared
from codeanatomy.cpg.observe.cache import cache_folder
from codeanatomy.cpg.observe.observer import Observer
from codeanatomy.cpg.observe.workers import processors
from codeanatomy.cpg.outside.outside import Outside
from codeanatomy.cpg.progress import Progress
from codeanatomy.cpg.sources import reading, repository
from codeanatomy.cpg.sources.select import select
from codeanatomy.cpg.stages.asked import asked
from codeanatomy.cpg.stages.buckets import relate_files
from codeanatomy.cpg.stages.linking import link_repositories
from codeanatomy.cpg.stages.place import Place
from codeanatomy.cpg.stages.publish import inputs, publish_build, publish_selection
from codeanatomy.cpg.stages.stage import Stage
from codeanatomy.cpg.stages.witnesses import hear_witnesses
from codeanatomy.store.manifest import Lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.config import Config
    from codeanatomy.store.disk import Disk
    from codeanatomy.store.manifest import Manifest


def build(
    root: Path,
    config: Config,
    progress: Callable[[Progress], None] | None = None,
    disk: Disk | None = None,
) -> Manifest:
    """Build the repository at `root` into the configured store; return the published manifest.

    Nothing is visible before the end. Where nothing changed, the manifest that is there already
    is returned. Extraction costs what the changed bytes cost, the graph what all of them cost.
    Raises `NoSuchFolderError`, `UnknownNameError`, `RuleViolatedError`, `StoreWriteError`,
    `StoreBusyError`, `OtherRootError`, `NotAStoreError`, `UnsupportedError`, `NoEnvironmentError`.
    """
    began = time.time_ns()
    say = progress or (lambda _: None)
    root = reading.as_root(root)
    name = repository.name_of(root, None, config.text("name"))
    spec = asked(name, config, root)
    python = config.text("python")
    outside = Outside(Path(python) if python else None, sys.version_info[:2])
    place = Place.of(config.text("store") or ".codeanatomy", disk)
    say(Progress("select"))
    chosen = place.outside(root, select(root, spec.select))
    place.keep_from_git(root)
    with Lock(place.folder, disk):
        place = place.newest()
        place.refuse_other_root(name, root)
        known = (
            {} if config.flag("verify") else reading.known_inputs(place.rows("build_inputs", name))
        )
        files = reading.read_all(root, chosen, known)
        seen = outside.fingerprint(place.asked_outside(name))
        if place.unchanged(spec, inputs(files, declared(root), seen)):
            return publish_selection(place, name, chosen, began)
        stage = Stage(root, spec, chosen, files, place, outside, began, say)
        with cache_folder(config, place.folder) as cache:
            observer = Observer(cache, spec.per_file, config.number("jobs") or processors(), say)
            relate_files(stage, observer)
        hear_witnesses(stage, config)
        link_repositories(stage)
        say(Progress("publish"))
        return publish_build(stage)
