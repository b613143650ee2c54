"""EXPORTS: a module and the names that its `__all__` lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.link.rows import Edge, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.cpg.link.imports import Ends
    from codeanatomy.cpg.link.index import Index
    from codeanatomy.cpg.link.listed import Listing
    from codeanatomy.cpg.link.names import Names
    from codeanatomy.cpg.link.rows import Rows

_SOURCES = "ast,imports"


def link_exports(
    rows: Rows, index: Index, listings: Mapping[int, Listing], names: Names, ends: Ends
) -> None:
    """Join each module with what it lists: its own binding, what a star brought, or a submodule.

    What a list holds that does not exist, or that only a run can tell, is UNRESOLVED.
    """
    for file_no in sorted(listings):
        module, listing = index.files[file_no].module_nid, listings[file_no]
        for position, (name, span) in enumerate(listing.names.items()):
            place = Place(file_no, *span)
            own = index.bound(file_no, name)
            if own is not None:
                edge = Edge(module, own.nid, "EXPORTS", place, _SOURCES, "local")
                rows.add(edge._replace(position=position))
                continue
            meaning = names.listed(file_no, name)
            if meaning.reason:
                rows.unresolved(
                    module, "module", place, name, meaning.reason,
                    method=meaning.method, sources=_SOURCES, position=position,
                )  # fmt: skip
            else:
                edge = Edge(module, ends.of(meaning), "EXPORTS", place, _SOURCES, meaning.method)
                rows.add(edge._replace(position=position))
        for span in listing.unknown:
            rows.unresolved(
                module, "module", Place(file_no, *span), "__all__", "dynamic",
                method="local", sources=_SOURCES,
            )  # fmt: skip
