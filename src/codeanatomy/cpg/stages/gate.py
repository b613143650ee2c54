"""The gate: what must hold of a build before anyone sees it, checked on the rows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg.edges import EDGES_TABLE
from codeanatomy.cpg.ids import among
from codeanatomy.cpg.nodes import NODES_TABLE, PROPS_TABLE
from codeanatomy.engine.mix import pair
from codeanatomy.kernel.errors import RuleViolatedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.kernel.schema import Table

    Tables = Mapping[str, pa.Table]

RULES = {
    "unique_nid": "no two nodes share a number",
    "unique_node_id": "no two nodes share a `node_id`",
    "ends_exist": "both ends of every edge are nodes",
    "unique_edges": "no two edges share kind, ends and anchor",
    "spans_inside": "every span lies inside its file, and does not end before it starts",
    "syntax_complete": "every syntax node with a position is a node, and no other node is one",
    "names_decided": "every occurrence of a name has exactly one REF or one UNRESOLVED edge",
    "calls_are_sites": "every call expression is a call site",
    "calls_decided": "every call site of layer calls has a CALL_TARGET or UNRESOLVED edge",
    "props_have_nodes": "every fact in `props` is of a node",
    "one_container": "every node has one container at most",
    "required_columns": "no column of nodes, edges and props is null that may not be",
}


NO_NUMBER = -1
_DECISIONS = pa.array(["REF", "UNRESOLVED"])
_TARGETS = pa.array(["CALL_TARGET", "UNRESOLVED"])


class Rule(msgspec.Struct, frozen=True):
    """What the gate found of one rule: how much it checked, how much of that fails, an example."""

    rule: str
    meaning: str
    checked: int
    failures: int
    example: str = ""


class Gate:
    """Collects what each part of a build says of each rule; `decide` lets it pass or raises."""

    def __init__(self) -> None:
        self._found: dict[str, Rule] = {
            rule: Rule(rule, meaning, 0, 0) for rule, meaning in RULES.items()
        }
        self._ids: list[np.ndarray] = []

    def check_files(
        self, graph: Tables, evidence: Tables, files: pa.Table, globals_: np.ndarray
    ) -> None:
        """Check the rows that one bucket of files decides alone.

        `globals_` are the numbers of nodes without a file that its edges may lead to.
        """
        nodes, edges = graph["nodes"], graph["edges"]
        self._nodes(nodes, files)
        self._edges(nodes, edges, globals_)
        self._syntax(nodes, evidence)
        self._names(graph, evidence)
        known = np.sort(_numbers(nodes, "nid"))
        facts = _numbers(graph["props"], "nid")
        self._add("props_have_nodes", len(facts), facts[~among(known, facts)], str)
        for table in (NODES_TABLE, EDGES_TABLE, PROPS_TABLE):
            self._required(table, graph[table.name])

    def check_program(
        self,
        nodes: pa.Table,
        edges: pa.Table,
        known: Callable[[np.ndarray], np.ndarray],
        open_names: np.ndarray,
        call_sites: np.ndarray,
    ) -> None:
        """Check the rows that need several files.

        `known` says of numbers whether they are nodes; `open_names` are the references that no
        file decides alone; `call_sites` those whose targets were looked for.
        """
        self._required(NODES_TABLE, nodes)
        self._required(EDGES_TABLE, edges)
        own = np.sort(_numbers(nodes, "nid"))
        self._add("unique_nid", len(own), own[1:][own[1:] == own[:-1]], str)
        self._ids.append(_high(nodes["node_id"]))
        for end in ("src", "dst"):
            numbers = _numbers(edges, end)
            missing = numbers[~among(own, numbers)]
            self._add("ends_exist", len(numbers), missing[~known(missing)], str)
        self._unique_edges(edges)
        said = _numbers(edges.filter(pc.is_in(edges["kind"], _DECISIONS)), "src")
        decided, counts = np.unique(said[among(np.sort(open_names), said)], return_counts=True)
        undecided = open_names[~among(decided, open_names)]
        self._add("names_decided", 0, np.concatenate([undecided, decided[counts != 1]]), str)
        told = np.sort(_numbers(edges.filter(pc.is_in(edges["kind"], _TARGETS)), "src"))
        self._add("calls_decided", len(call_sites), call_sites[~among(told, call_sites)], str)

    def decide(self) -> list[Rule]:
        """Return the report of a whole build; raises `RuleViolatedError`."""
        ids = np.sort(np.concatenate(self._ids)) if self._ids else np.zeros(0, np.uint64)
        self._add("unique_node_id", len(ids), ids[1:][ids[1:] == ids[:-1]], str)
        self.refuse()
        return list(self._found.values())

    def counts(self) -> dict[str, int]:
        """Return how much of each rule was checked so far."""
        counts = {rule.rule: rule.checked for rule in self._found.values()}
        return {**counts, "unique_node_id": sum(map(len, self._ids))}

    def refuse(self) -> None:
        """Raise `RuleViolatedError` naming every rule that failed so far."""
        broken = [rule for rule in self._found.values() if rule.failures]
        if broken:
            said = "; ".join(f"{r.rule} fails {r.failures} times ({r.example})" for r in broken)
            raise RuleViolatedError(
                f"the graph is not committed: {said}. This is a bug of codeanatomy: please report "
                "it with the file named",
                rules={rule.rule: rule.failures for rule in broken},
            )

    def _required(self, table: Table, rows: pa.Table) -> None:
        """Look for nulls where none may be; partition columns come later, in writing."""
        names = [c.name for c in table.columns if not c.nullable and c.name in rows.column_names]
        nulls = [name for name in names for _ in range(rows[name].null_count)]
        shown = f"{table.name}.{nulls[0]}" if nulls else ""
        self._add("required_columns", len(names) * len(rows), np.array(nulls), lambda _: shown)

    def _nodes(self, nodes: pa.Table, files: pa.Table) -> None:
        nid = _numbers(nodes, "nid")
        self._add("unique_nid", len(nid), nid[1:][nid[1:] <= nid[:-1]], str)
        self._ids.append(_high(nodes["node_id"]))
        start, end = _numbers(nodes, "bstart"), _numbers(nodes, "bend")
        at = np.searchsorted(_numbers(files, "file_no"), _numbers(nodes, "file_no"))
        size = _numbers(files, "size")[at]
        wrong = (start < 0) | (end < start) | (end > size)
        self._add("spans_inside", len(nid), nid[wrong], _describe(nodes, wrong))

    def _edges(self, nodes: pa.Table, edges: pa.Table, globals_: np.ndarray) -> None:
        known = np.sort(np.concatenate([_numbers(nodes, "nid"), globals_]))
        for end in ("src", "dst"):
            numbers = _numbers(edges, end)
            self._add("ends_exist", len(numbers), numbers[~among(known, numbers)], str)
        self._unique_edges(edges)
        contains = edges.filter(pc.equal(edges["kind"], "CONTAINS"))
        parts = np.sort(_numbers(contains, "dst"))
        self._add("one_container", len(parts), parts[1:][parts[1:] == parts[:-1]], str)

    def _unique_edges(self, edges: pa.Table) -> None:
        kind = pc.dictionary_encode(edges["kind"]).unify_dictionaries()
        codes = np.concatenate([c.indices.to_numpy() for c in kind.chunks] or [np.zeros(0, int)])
        columns = [codes, *(_numbers(edges, c) for c in ("src", "dst", "bstart", "bend"))]
        high, low = pair([column.astype(np.uint64) for column in columns], len(codes))
        order = np.argsort(high)
        high, low = high[order], low[order]
        same = (high[1:] == high[:-1]) & (low[1:] == low[:-1])
        self._add("unique_edges", len(order), columns[1][order][1:][same], str)

    def _syntax(self, nodes: pa.Table, evidence: Tables) -> None:
        trees = evidence.get("ast_nodes")
        if trees is None:
            return
        in_tree = nodes.filter(pc.is_valid(nodes["syntax"]))
        for rule, seen, wanted in (
            ("syntax_complete", in_tree, trees),
            ("calls_are_sites", in_tree.filter(pc.equal(in_tree["kind"], "call site")),
             trees.filter(pc.equal(trees["kind"], "Call"))),
        ):  # fmt: skip
            have = np.bincount(_numbers(seen, "file_no"))
            want = np.bincount(_numbers(wanted, "file_no"), minlength=len(have))
            have = np.pad(have, (0, len(want) - len(have)))
            self._add(rule, int(want.sum()), np.flatnonzero(have != want), lambda f: f"file {f}")

    def _names(self, graph: Tables, evidence: Tables) -> None:
        """Count the edges that say what each reference means; open names are told elsewhere."""
        if "ast_names" not in evidence:
            return
        nodes, edges = graph["nodes"], graph["edges"]
        from_file = pc.and_(pc.equal(nodes["kind"], "reference"), pc.is_valid(nodes["path"]))
        references = _numbers(nodes.filter(from_file), "nid")
        said = edges.filter(pc.is_in(edges["kind"], _DECISIONS))
        sources = np.concatenate([_numbers(said, "src"), _numbers(graph["open_names"], "nid")])
        found, counts = np.unique(sources, return_counts=True)
        undecided = references[~among(found, references)]
        self._add("names_decided", len(references), undecided, str)
        self._add("names_decided", 0, found[counts != 1], str)

    def _add(
        self, rule: str, checked: int, failures: np.ndarray, shown: Callable[[object], str]
    ) -> None:
        known = self._found[rule]
        example = known.example or (shown(failures[0]) if len(failures) else "")
        self._found[rule] = msgspec.structs.replace(
            known,
            checked=known.checked + checked,
            failures=known.failures + len(failures),
            example=example,
        )


def _numbers(table: pa.Table, column: str) -> np.ndarray:
    found: np.ndarray = table[column].fill_null(NO_NUMBER).to_numpy().astype(np.int64)
    return found


def _high(node_ids: pa.ChunkedArray) -> np.ndarray:
    """Return the first 64 bits of each id: where they differ, the ids differ."""
    parts = [np.zeros(0, np.uint64)]
    for chunk in node_ids.chunks:
        raw = np.frombuffer(chunk.buffers()[2], np.uint8)
        parts.append(raw[16 * chunk.offset : 16 * (chunk.offset + len(chunk))].view(">u8")[::2])
    return np.concatenate(parts).astype(np.uint64)


def _describe(nodes: pa.Table, wrong: np.ndarray) -> Callable[[object], str]:
    def describe(number: object) -> str:
        row = nodes.filter(pa.array(wrong)).slice(0, 1).to_pylist()[0]
        return f"node {number}: {row['kind']} in {row['path']} at {row['bstart']}-{row['bend']}"

    return describe
