"""Every view that is computed when it is read, on one page: its columns, and the SQL it stands for.

A stored table that a view of the same name shows is registered under the name in `STORED`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from codeanatomy.cpg.edges import EDGES, EDGES_TABLE
from codeanatomy.cpg.evidence import TABLES as EVIDENCE
from codeanatomy.cpg.nodes import NODES, NODES_TABLE
from codeanatomy.kernel.schema import Column, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

STORED = {"nodes": "_nodes", "edges": "_edges"}
COUNTED = tuple(table for table in EVIDENCE if any(c.name == "file_no" for c in table.columns))


class View(NamedTuple):
    """One view: what it looks like, the tables it is made from, and its SQL.

    `text` may be a function of the names that are there, where a view covers whatever there is.
    """

    table: Table
    reads: tuple[str, ...]
    text: str | Callable[[frozenset[str]], str]

    def sql(self, known: frozenset[str]) -> str:
        """Return the SELECT, given the names of the tables and views that are there."""
        return self.text if isinstance(self.text, str) else self.text(known)


def pages(absent: Mapping[str, str]) -> dict[str, pa.Table]:
    """Return the declared kinds as tables, each with the reason why it is absent, if it is."""
    import pyarrow as pa  # noqa: PLC0415 - heavy: the declarations are read without it

    nodes = [{**msgspec.to_builtins(kind), "absent": absent.get(kind.name)} for kind in NODES]
    edges = [{**msgspec.to_builtins(kind), "absent": absent.get(kind.name)} for kind in EDGES]
    return {
        "_node_kinds": pa.Table.from_pylist(nodes, _stored(_NODE_KIND)),
        "_edge_kinds": pa.Table.from_pylist(edges, _stored(_EDGE_KIND)),
    }


def _stored(columns: tuple[Column, ...]) -> pa.Schema:
    return Table("page", "", "", (), columns).arrow()


def _evidence_rows(known: frozenset[str]) -> str:
    """Count the rows of every evidence table that is there, by file."""
    counts = [
        f"select file_no, '{table.producer}' as extractor, '{table.name}' as evidence, "  # noqa: S608 - names of our own page
        f'count(*) as "rows" from {table.name} group by file_no'
        for table in COUNTED
        if table.name in known
    ]
    return " union all ".join(counts)


# fmt: off
def _c(name: str, kind: str, meaning: str, sem: str = "") -> Column:
    """Declare a column; a trailing `?` on the type makes it nullable."""
    return Column(name, kind.rstrip("?"), meaning, kind.endswith("?"), sem)


def _view(
    name: str, meaning: str, key: tuple[str, ...], columns: tuple[Column, ...],
    reads: tuple[str, ...], text: str | Callable[[frozenset[str]], str],
) -> View:
    return View(Table(name, meaning, "derived", key, columns), reads, text)


def _listed(columns: tuple[Column, ...]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)


_NODE_ID = _c("node_id", "string", "32 hex digits: the same in every store that holds this node")
_EDGE_ID = _c("edge_id", "string", "32 hex digits, from kind, ends and anchor")
_FILE = (
    _c("file_no", "int32", "the file's number in this store", "file"),
    _c("repo", "string", "the repository's name in this store", "repo"),
    _c("path", "string", "path below the repository root"),
)
_NODE_KIND = (
    _c("name", "string", "the kind"), _c("layer", "string", "its layer"),
    _c("meaning", "string", "what such a node is"),
    _c("syntax", "list<string>", "the classes of Python's `ast` that become it"),
    _c("identity", "string", "what makes its node_id: name or span"),
    _c("absent", "string?", "why no such node is there; null when there may be some"),
)
_EDGE_KIND = (
    _c("name", "string", "the kind"), _c("layer", "string", "its layer"),
    _c("meaning", "string", "what such an edge says"),
    _c("src", "string", "what it leads from"), _c("dst", "string", "what it leads to"),
    _c("certain", "bool", "whether a total oracle checks every edge of it"),
    _c("absent", "string?", "why no such edge is there; null when there may be some"),
)

# Lists are sorted when they are whole: an ordered `array_agg` counts the memory of every batch
# again for each group (DataFusion 55), and no session has that much.
VIEWS = (
    _view(
        "nodes", NODES_TABLE.meaning, ("nid",), (_NODE_ID, *NODES_TABLE.columns[1:]), ("_nodes",),
        f"select hex_id(node_id) as node_id, {_listed(NODES_TABLE.columns[1:])} from _nodes",  # noqa: S608 - our own columns
    ),
    _view(
        "edges", "What meets what: one row an edge.", EDGES_TABLE.key,
        (_EDGE_ID, *EDGES_TABLE.columns), ("_edges",),
        "select edge_id(kind, src, dst, bstart, bend) as edge_id, "  # noqa: S608 - our own columns
        f"{_listed(EDGES_TABLE.columns)} from _edges",
    ),
    _view(
        "adjacency_out", "The edges that leave a node, as a list.", ("nid",),
        (_c("nid", "int64", "the node they lead from", "nid"),
         _c("edges", "list<struct<kind:string,nid:int64>>", "kind, and the node it leads to")),
        ("_edges",),
        "select src as nid, array_sort(array_agg(named_struct('kind', kind, 'nid', dst))) "
        "as edges from _edges group by src",
    ),
    _view(
        "adjacency_in", "The edges that reach a node, as a list.", ("nid",),
        (_c("nid", "int64", "the node they lead to", "nid"),
         _c("edges", "list<struct<kind:string,nid:int64>>", "kind, and the node it leads from")),
        ("_edges",),
        "select dst as nid, array_sort(array_agg(named_struct('kind', kind, 'nid', src))) "
        "as edges from _edges group by dst",
    ),
    _view(
        "exports", "One public name of one module: listed in `__all__`, or bound in the module's "
        "own scope without a leading underscore.", ("module", "qualified_name"),
        (_c("module", "string", "the module that offers it"),
         _c("name", "string", "its own name"),
         _c("qualified_name", "string?", "where it is defined"),
         _c("kind", "string", "what it is"),
         _c("path", "string?", "the file that defines it"),
         _c("line", "int32?", "the line, from 1"),
         _c("in_all", "bool?", "whether `__all__` lists it; null when the module has no `__all__`"),
         _c("nid", "int64", "the node", "nid"),
         *_FILE[1:2]),
        ("_nodes", "_edges"),
        """
        with offered as (
          select src, dst, bool_or(kind = 'EXPORTS') as listed from _edges
          where kind in ('CONTAINS', 'EXPORTS') group by src, dst
        ), closed as (select distinct src from _edges where kind = 'EXPORTS')
        select m.qualified_name as module, d.name, d.qualified_name, d.kind, d.path, d.line,
          case when c.src is not null then o.listed end as in_all, d.nid, m.repo
        from offered o join _nodes m on m.nid = o.src join _nodes d on d.nid = o.dst
          left join closed c on c.src = o.src
        where m.kind = 'module' and (o.listed or (d.name not like '\\_%' and d.kind in
          ('class', 'function', 'variable', 'type alias')))
        """,
    ),
    _view(
        "evidence_rows", "How many rows each evidence table has of each file.",
        ("file_no", "evidence"),
        (_FILE[0], _c("extractor", "string", "who saw them"),
         _c("evidence", "string", "the table"), _c("rows", "int64", "how many")),
        ("files",), _evidence_rows,
    ),
    _view(
        "coverage", "What each extractor made of each file that was read.",
        ("file_no", "extractor"),
        (*_FILE, _c("extractor", "string", "which one"),
         _c("rows", "int64", "rows of its tables"),
         _c("status", "string", "seen, nothing (it saw nothing there), or error"),
         _c("error", "string?", "type and message of its first error")),
        ("files", "evidence_rows", "extraction_errors"),
        """
        with extractors as (select extractor from evidence_rows
          union select extractor from extraction_errors),
        seen as (select file_no, extractor, sum("rows") as n from evidence_rows
          where evidence <> 'extraction_errors' group by file_no, extractor),
        failed as (select file_no, extractor, min(error || ': ' || message) as error
          from extraction_errors group by file_no, extractor)
        select f.file_no, f.repo, f.path, x.extractor, coalesce(s.n, 0) as "rows",
          case when e.error is not null then 'error' when s.n > 0 then 'seen' else 'nothing' end
            as status, e.error
        from files f cross join extractors x
          left join seen s on s.file_no = f.file_no and s.extractor = x.extractor
          left join failed e on e.file_no = f.file_no and e.extractor = x.extractor
        where f.skipped is null
        """,
    ),
    _view(
        "file_quality", "How well each file was understood.", ("file_no",),
        (*_FILE, _c("read", "bool", "whether it was read"),
         _c("parses", "bool", "whether Python can parse it"),
         _c("tolerant_errors", "int64", "errors and missing tokens of the tolerant parser"),
         _c("error_bytes", "int64", "bytes inside errors of the tolerant parser"),
         _c("failed", "int64", "extractors that failed on it"),
         _c("score", "int64", "0 when it was not read; else 1,000, less 400 when Python cannot "
            "parse it, less 100 for each extractor that failed (300 at most), less the share of "
            "its bytes inside errors (300 at most, of 1,000)")),
        ("files", "extraction_errors", "ts_stats"),
        """
        with failed as (select file_no, count(distinct extractor) as n,
            bool_or(extractor = 'ast') as broken from extraction_errors group by file_no),
        seen as (select f.file_no, f.repo, f.path, f.size, f.skipped is null as read,
            f.skipped is null and not coalesce(e.broken, false) as parses,
            coalesce(t.errors + t.missing, 0) as tolerant_errors,
            coalesce(t.error_bytes, 0) as error_bytes, coalesce(e.n, 0) as failed
          from files f left join failed e on e.file_no = f.file_no
            left join ts_stats t on t.file_no = f.file_no)
        select file_no, repo, path, read, parses, cast(tolerant_errors as bigint)
            as tolerant_errors, cast(error_bytes as bigint) as error_bytes, failed,
          case when not read then 0 else 1000 - (case when parses then 0 else 400 end)
            - least(300, 100 * failed)
            - least(300, cast(1000 * error_bytes / greatest(size, 1) as bigint)) end as score
        from seen
        """,
    ),
    _view(
        "relation_quality", "How each kind of edge was decided, and how surely.",
        ("kind", "method"),
        (_c("kind", "string", "the edge kind"), _c("method", "string", "how it was decided"),
         _c("edges", "int64", "how many"),
         _c("measured", "int64", "those with a confidence"),
         _c("mean_confidence", "float64?", "mean of the confidences"),
         _c("min_confidence", "float64?", "least of the confidences"),
         _c("ambiguous_sources", "int64", "nodes from which only one of several edges is right")),
        ("_edges",),
        """
        select kind, method, count(*) as edges, count(confidence) as measured,
          avg(confidence) as mean_confidence, min(confidence) as min_confidence,
          count(distinct case when ambiguity_group is not null then src end) as ambiguous_sources
        from _edges group by kind, method
        """,
    ),
    _view(
        "node_kinds", "Every declared kind of node, and how many there are.", ("name",),
        (*_NODE_KIND, _c("nodes", "int64", "how many there are")), ("_nodes", "_node_kinds"),
        """
        with counted as (select kind, count(*) as n from _nodes group by kind)
        select k.name, k.layer, k.meaning, k.syntax, k.identity, k.absent,
          coalesce(c.n, 0) as nodes
        from _node_kinds k left join counted c on c.kind = k.name
        """,
    ),
    _view(
        "edge_kinds", "Every declared kind of edge, and how many there are.", ("name",),
        (*_EDGE_KIND, _c("edges", "int64", "how many there are")), ("_edges", "_edge_kinds"),
        """
        with counted as (select kind, count(*) as n from _edges group by kind)
        select k.name, k.layer, k.meaning, k.src, k.dst, k.certain, k.absent,
          coalesce(c.n, 0) as edges
        from _edge_kinds k left join counted c on c.kind = k.name
        """,
    ),
    _view(
        "schema_anomalies", "Where the graph is not as the pages say; none in a good build.",
        ("subject", "name", "problem"),
        (_c("subject", "string", "node kind or edge kind"), _c("name", "string", "which one"),
         _c("problem", "string", "undeclared, silent (none there and no reason given), present "
            "though absent, without a name"),
         _c("count", "int64", "how many nodes or edges")),
        ("node_kinds", "edge_kinds"),
        """
        select 'node kind' as subject, n.kind as name, 'undeclared' as problem, count(*) as count
          from _nodes n left join _node_kinds k on k.name = n.kind where k.name is null
          group by n.kind
        union all select 'edge kind', e.kind, 'undeclared', count(*)
          from _edges e left join _edge_kinds k on k.name = e.kind where k.name is null
          group by e.kind
        union all select 'node kind', name, 'silent', 0 from node_kinds
          where nodes = 0 and absent is null
        union all select 'edge kind', name, 'silent', 0 from edge_kinds
          where edges = 0 and absent is null
        union all select 'node kind', name, 'present though absent', nodes from node_kinds
          where nodes > 0 and absent is not null
        union all select 'edge kind', name, 'present though absent', edges from edge_kinds
          where edges > 0 and absent is not null
        union all select 'node kind', n.kind, 'without a name', count(*)
          from _nodes n join _node_kinds k on k.name = n.kind
          where k.identity = 'name' and n.name is null group by n.kind
        """,
    ),
)

TABLES = tuple(view.table for view in VIEWS)
