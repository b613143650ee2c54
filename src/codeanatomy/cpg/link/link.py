"""The stage as a whole: facts of all files become the nodes and edges that join them."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg import extract
from codeanatomy.cpg.evidence import IMPORTS
from codeanatomy.cpg.link.bases import link_bases
from codeanatomy.cpg.link.exports import link_exports
from codeanatomy.cpg.link.folders import folder_nodes, link_folders
from codeanatomy.cpg.link.imports import Ends, link_imports
from codeanatomy.cpg.link.index import Index
from codeanatomy.cpg.link.listed import listings
from codeanatomy.cpg.link.names import Names
from codeanatomy.cpg.link.open_names import OpenNames
from codeanatomy.cpg.link.outside import Outside
from codeanatomy.cpg.link.rows import Rows
from codeanatomy.cpg.link.stars import Stars
from codeanatomy.cpg.link.statements import Statements
from codeanatomy.kernel.catalog import load

if TYPE_CHECKING:
    import pyarrow as pa

    from codeanatomy.cpg.link.facts import Facts
    from codeanatomy.cpg.link.rows import HandOut


class Linked(NamedTuple):
    """Nodes and edges that need more than one file, and the evidence about imports."""

    nodes: pa.Table
    edges: pa.Table
    imports: pa.Table
    external_interfaces: pa.Table
    statements: Statements  # finds the modules that statements name


def link(facts: Facts, numbers: HandOut, stdlib: frozenset[str]) -> Linked:
    """Join the files of a store.

    `numbers` hands out the numbers of nodes without a file; it is called once, with the (scope,
    name) of each. `stdlib` names the modules of the standard library. A repository is there if it
    has a file, or a row in `facts.environment`.
    """
    resting = gc.isenabled()
    gc.disable()  # rows are many, and none of them is garbage
    try:
        return _link(facts, numbers, stdlib)
    finally:
        if resting:
            gc.enable()


def _link(facts: Facts, numbers: HandOut, stdlib: frozenset[str]) -> Linked:
    index = Index(facts)
    outside = Outside(stdlib, facts.environment)
    statements = Statements(index, outside, stdlib)
    listed = listings(index, statements)
    stars = Stars(index, statements, listed, facts.unparsed | facts.makers)
    names = Names(index, statements, listed, stars, facts)
    rows = Rows()
    folders = folder_nodes(index.files)
    ends = Ends(rows, index, folders)
    repos = {*facts.environment, *facts.files["repo"].unique().to_pylist()}
    link_folders(rows, sorted(repos), index.files, folders)
    seen, interfaces = link_imports(rows, index, statements, names, ends, outside)
    link_exports(rows, index, listed, names, ends)
    open_names = OpenNames(statements, stars, names, facts.builtins)
    open_names.link(rows, index, ends, facts.open_names)
    link_bases(rows, facts, index, names, open_names, ends)
    files = {number: (file.repo, file.path) for number, file in index.files.items()}
    nodes, edges = rows.tables(files, numbers, facts.file_lines)
    imports, external = load(extract, IMPORTS.producer, "tabulate")(seen, interfaces)
    return Linked(nodes, edges, imports, external, statements)
