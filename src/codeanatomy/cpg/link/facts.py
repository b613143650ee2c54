"""What the link stage is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    Distributions = Mapping[str, tuple[str, str | None]]  # module: distribution, exact version


class Facts(NamedTuple):
    """Facts of every file of every repository of a store, one table a kind of fact."""

    files: pa.Table  # repo, file_no, path, kind, size, skipped, nid
    modules: pa.Table
    bindings: pa.Table
    declared: pa.Table
    bases: pa.Table
    open_names: pa.Table
    imports: pa.Table  # the columns of `ast_imports`, and nid: the import's node
    exports: pa.Table  # `ast_exports`
    environment: Mapping[str, Distributions]  # by repository
    builtins: Mapping[str, int]  # a builtin's name: its node
    file_lines: pa.Table | None = None  # file_no, line, bstart in order; without it lines are null
    unparsed: frozenset[int] = frozenset()  # files that Python cannot parse
    makers: frozenset[int] = frozenset()  # files whose code may make names of the module at a run
