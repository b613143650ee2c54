"""Every rule of the gate sees the one fault it is about, in real rows, and nothing is published."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from codeanatomy.cpg.link.link import link
from codeanatomy.cpg.stages.gate import RULES
from codeanatomy.cpg.stages.relate import relate
from codeanatomy.cpg.stages.resolving import resolve_calls
from codeanatomy.kernel.errors import RuleViolatedError
from codeanatomy.store.manifest import history
from tests.builds import SHOP, built, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from codeanatomy.cpg.link.facts import Facts
    from codeanatomy.cpg.link.link import Linked
    from codeanatomy.cpg.link.rows import HandOut
    from codeanatomy.cpg.resolve.resolve import Resolved
    from codeanatomy.cpg.stages.relate import Related
    from codeanatomy.cpg.stages.resolving import Gather
    from codeanatomy.cpg.stages.stage import Stage

NOWHERE = 1 << 27  # added to a number, it is nobody's


def _put(table: pa.Table, row: int, column: str, value: object) -> pa.Table:
    """Change one cell."""
    values = table[column].to_pylist()
    values[row] = value
    at = table.schema.get_field_index(column)
    return table.set_column(at, table.schema.field(at), pa.array(values, table[column].type))


def _where(table: pa.Table, column: str, value: str) -> int:
    """Return the first row with that text."""
    return int(pc.index(table[column].cast(pa.string()), value).as_py())


def _without(table: pa.Table, row: int) -> pa.Table:
    return pa.concat_tables([table.slice(0, row), table.slice(row + 1)])


def _two_numbers(nodes: pa.Table, edges: pa.Table, props: pa.Table) -> tuple[pa.Table, ...]:
    return _put(nodes, 3, "nid", nodes["nid"][2].as_py()), edges, props


def _two_ids(nodes: pa.Table, edges: pa.Table, props: pa.Table) -> tuple[pa.Table, ...]:
    return _put(nodes, 3, "node_id", nodes["node_id"][2].as_py()), edges, props


def _loose_end(nodes: pa.Table, edges: pa.Table, props: pa.Table) -> tuple[pa.Table, ...]:
    row = _where(edges, "kind", "AST")
    return nodes, _put(edges, row, "dst", edges["dst"][row].as_py() + NOWHERE), props


def _same_edge(nodes: pa.Table, edges: pa.Table, props: pa.Table) -> tuple[pa.Table, ...]:
    row = _where(edges, "kind", "AST")
    return nodes, pa.concat_tables([edges, edges.slice(row, 1)]), props


def _long_span(nodes: pa.Table, edges: pa.Table, props: pa.Table) -> tuple[pa.Table, ...]:
    return _put(nodes, _where(nodes, "kind", "class"), "bend", 10**6), edges, props


def _turned_span(nodes: pa.Table, edges: pa.Table, props: pa.Table) -> tuple[pa.Table, ...]:
    return _put(nodes, _where(nodes, "kind", "method"), "bend", 0), edges, props


def _no_syntax(nodes: pa.Table, edges: pa.Table, props: pa.Table) -> tuple[pa.Table, ...]:
    return _put(nodes, _where(nodes, "kind", "class"), "syntax", None), edges, props


def _undecided(nodes: pa.Table, edges: pa.Table, props: pa.Table) -> tuple[pa.Table, ...]:
    return nodes, _without(edges, _where(edges, "kind", "REF")), props


def _decided_twice(nodes: pa.Table, edges: pa.Table, props: pa.Table) -> tuple[pa.Table, ...]:
    row = _where(edges, "kind", "REF")
    other = next(n for n in nodes["nid"].to_pylist() if n != edges["dst"][row].as_py())
    return nodes, pa.concat_tables([edges, _put(edges.slice(row, 1), 0, "dst", other)]), props


def _no_site(nodes: pa.Table, edges: pa.Table, props: pa.Table) -> tuple[pa.Table, ...]:
    return _put(nodes, _where(nodes, "kind", "call site"), "kind", "expression"), edges, props


def _loose_fact(nodes: pa.Table, edges: pa.Table, props: pa.Table) -> tuple[pa.Table, ...]:
    return nodes, edges, _put(props, 0, "nid", props["nid"][0].as_py() + NOWHERE)


def _two_containers(nodes: pa.Table, edges: pa.Table, props: pa.Table) -> tuple[pa.Table, ...]:
    row = _where(edges, "kind", "CONTAINS")
    other = next(n for n in nodes["nid"].to_pylist() if n != edges["src"][row].as_py())
    return nodes, pa.concat_tables([edges, _put(edges.slice(row, 1), 0, "src", other)]), props


def _null(nodes: pa.Table, edges: pa.Table, props: pa.Table) -> tuple[pa.Table, ...]:
    return nodes, _put(edges, 0, "method", None), props


FAULTS = [
    ("unique_nid", _two_numbers),
    ("unique_node_id", _two_ids),
    ("ends_exist", _loose_end),
    ("unique_edges", _same_edge),
    ("spans_inside", _long_span),
    ("spans_inside", _turned_span),
    ("syntax_complete", _no_syntax),
    ("names_decided", _undecided),
    ("names_decided", _decided_twice),
    ("calls_are_sites", _no_site),
    ("props_have_nodes", _loose_fact),
    ("one_container", _two_containers),
    ("required_columns", _null),
]
ALSO = {"unique_nid": {"ends_exist", "names_decided"}}  # who takes a number takes it from someone


def test_every_rule_has_a_fault() -> None:
    """A rule that nothing breaks proves nothing."""
    assert {rule for rule, _ in FAULTS} | {"calls_decided"} == set(RULES)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a repository into `s` beside it, then change it."""
    folder = tmp_path_factory.mktemp("shop")
    shop = write(folder / "repo", SHOP)
    built(shop, folder / "s")
    write(shop, {"shop/goods.py": SHOP["shop/goods.py"] + "\nx = 1\n"})
    return folder


@pytest.mark.parametrize(("rule", "fault"), FAULTS)
def test_a_fault_in_files_is_refused(
    changed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rule: str,
    fault: Callable[..., tuple[pa.Table, ...]],
) -> None:
    """The rule is named, with how often it fails; the version before stays the newest."""
    shutil.copytree(changed / "s", tmp_path / "s")
    before = history(tmp_path / "s")

    def broken(observed: Mapping[str, pa.Table], given: Mapping[str, pa.Table]) -> Related:
        found = relate(observed, given)
        names = ("nodes", "edges", "props")
        wrong = fault(*(found.tables[name] for name in names))
        return found._replace(tables={**found.tables, **dict(zip(names, wrong, strict=True))})

    monkeypatch.setattr("codeanatomy.cpg.stages.buckets.relate", broken)
    with pytest.raises(RuleViolatedError, match=f"{rule} fails") as caught:
        built(changed / "repo", tmp_path / "s")
    assert (caught.value.code, caught.value.exit_status) == ("rule-violated", 4)
    rules = caught.value.facts["rules"]
    assert isinstance(rules, dict)
    assert rules[rule] == 1
    assert set(rules) - {rule} <= ALSO.get(rule, set())
    assert history(tmp_path / "s") == before


PROGRAM_FAULTS: list[tuple[str, Callable[[pa.Table, pa.Table], tuple[pa.Table, pa.Table]]]] = [
    ("unique_nid", lambda n, e: (_put(n, 1, "nid", n["nid"][0].as_py()), e)),
    ("unique_node_id", lambda n, e: (_put(n, 1, "node_id", n["node_id"][0].as_py()), e)),
    ("ends_exist", lambda n, e: (n, _put(e, 0, "dst", e["dst"][0].as_py() + NOWHERE))),
    ("unique_edges", lambda n, e: (n, pa.concat_tables([e, e.slice(0, 1)]))),
    ("names_decided", lambda n, e: (n, _without(e, _where(e, "kind", "REF")))),
    ("required_columns", lambda n, e: (_put(n, 0, "sources", None), e)),
]


@pytest.mark.parametrize(("rule", "fault"), PROGRAM_FAULTS)
def test_a_fault_between_files_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rule: str,
    fault: Callable[[pa.Table, pa.Table], tuple[pa.Table, pa.Table]],
) -> None:
    """Rows that several files decide together are held to the same rules."""
    shop = write(tmp_path / "repo", SHOP)

    def broken(facts: Facts, numbers: HandOut, stdlib: frozenset[str]) -> Linked:
        found = link(facts, numbers, stdlib)
        nodes, edges = fault(found.nodes, found.edges)
        return found._replace(nodes=nodes, edges=edges)

    monkeypatch.setattr("codeanatomy.cpg.stages.linking.link", broken)
    with pytest.raises(RuleViolatedError, match=f"{rule} fails"):
        built(shop, tmp_path / "s")
    assert history(tmp_path / "s") == []


def test_a_call_that_nothing_is_said_of_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call site has a target, or the reason why none is known; no other edge counts."""
    shop = write(tmp_path / "repo", SHOP)

    def broken(stage: Stage, facts: Facts, linked: Linked, gather: Gather) -> Resolved | None:
        found = resolve_calls(stage, facts, linked, gather)
        assert found is not None
        said = pc.is_in(found.edges["kind"], pa.array(["CALL_TARGET", "UNRESOLVED"]))
        edges = found.edges.filter(said)
        without = edges.sort_by("src")["src"][0]
        kept = pc.or_(pc.invert(said), pc.not_equal(found.edges["src"], without))
        return found._replace(edges=found.edges.filter(kept))

    monkeypatch.setattr("codeanatomy.cpg.stages.linking.resolve_calls", broken)
    with pytest.raises(RuleViolatedError, match="calls_decided fails 1 times"):
        built(shop, tmp_path / "s")
    assert history(tmp_path / "s") == []


def test_the_report_counts_what_was_checked(tmp_path: Path) -> None:
    """Every rule is in the manifest, with work done and no failure."""
    manifest = built(write(tmp_path / "repo", SHOP), tmp_path / "s")
    report = {rule["rule"]: rule for rule in manifest.facts["gate"]}
    assert report.keys() == RULES.keys()
    assert all(rule["checked"] > 0 and rule["failures"] == 0 for rule in report.values())
