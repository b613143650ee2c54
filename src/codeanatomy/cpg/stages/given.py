"""What a bucket of files is given besides its evidence: module names, and Python's builtins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from codeanatomy.cpg import entities
from codeanatomy.cpg.link.modules import name_modules
from codeanatomy.cpg.stages.pybuiltins import builtin_names
from codeanatomy.cpg.views import SPACES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codeanatomy.cpg.sources.reading import Read
    from codeanatomy.cpg.stages.stage import Stage


def modules(stage: Stage, bucket: Sequence[Read]) -> pa.Table:
    """Return what each file is called as a module, in order of file."""
    files = [(stage.file_no[f.entry.path], f.entry.path, f.entry.kind) for f in bucket]
    package = any((stage.root / f"__init__{suffix}").is_file() for suffix in (".py", ".pyi"))
    roots = stage.spec.import_roots
    named = name_modules(stage.spec.name, files, roots, stage.root.name, package)
    columns = list(zip(*named, strict=True)) or [()] * 6
    fields = [f for f in entities.MODULES.arrow() if f.name not in ("repo", "nid")]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, fields, strict=True)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields)).sort_by("file_no")


def builtins(stage: Stage) -> pa.Table:
    """Return the name of each builtin with its store-wide number."""
    names = builtin_names()
    ordinals = [stage.builtins["builtin", name] for name in names]
    return pa.table({"name": names, "ordinal": pa.array(ordinals, pa.int64())})


def builtin_places(stage: Stage) -> pa.Table:
    """Return where the numbers of builtins are looked up, in order of number."""
    names = sorted(builtin_names(), key=lambda n: stage.builtins["builtin", n])
    return pa.table(
        {
            "space": pa.array([SPACES.index("global")] * len(names), pa.int64()),
            "key": pa.array([stage.builtins["builtin", n] for n in names], pa.int64()),
            "nid": pa.array([stage.builtin_nid(n) for n in names], pa.int64()),
        }
    )
