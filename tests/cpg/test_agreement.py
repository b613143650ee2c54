"""What a witness says of calls stands beside what the build found: agreement, difference, more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import codeanatomy as ca
from tests.builds import built, write
from tests.indexes import PREFIX, index, save

if TYPE_CHECKING:
    from codeanatomy.cpg.api import Graph

SOURCE = """\
import json
class Thing:
    def __init__(self): ...
    def eat(self): ...
class Below(Thing): ...
def other(): ...
def one(): ...
one()
Below()
def taste(it):
    it.eat()
json.dumps(1)
one()
other()
def twice(it):
    it.eat(); it.gone()
"""
M = PREFIX + "`m`/"
DEFINED = [
    ((1, 6, 11), M + "Thing#", 1), ((2, 8, 16), M + "Thing#__init__().", 1),
    ((3, 8, 11), M + "Thing#eat().", 1), ((4, 6, 11), M + "Below#", 1),
    ((5, 4, 9), M + "other().", 1), ((6, 4, 7), M + "one().", 1),
]  # fmt: skip
JSON = "scip-python python python-stdlib 3.11 `json.__init__`/dumps()."
USED = [
    ((7, 0, 3), M + "one().", 8), ((8, 0, 5), M + "Below#", 8),
    ((10, 7, 10), M + "Thing#eat().", 8), ((11, 5, 10), JSON, 8),
    ((12, 0, 3), M + "other().", 8), ((15, 7, 10), M + "Thing#eat().", 8),
]  # fmt: skip


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Build the file with an index that says other things of some of its calls."""
    folder = tmp_path_factory.mktemp("agreement")
    root = write(folder / "repo", {"m.py": SOURCE})
    place = save(index({"m.py": [*DEFINED, *USED]}), folder / "made.scip")
    built(root, folder / "store", evidence=("scip",), scip_index=place)
    return ca.open(folder / "store")


def targets(graph: Graph, line: int) -> set[tuple[Any, ...]]:
    """Return what is said of the calls of a line: name, target, method, sources."""
    found = graph.sql(
        "select s.name as site, coalesce(d.qualified_name, d.name) as target, e.method, e.sources,"
        " e.ambiguity_group is not null as several from edges e join nodes s on s.nid = e.src"
        " join nodes d on d.nid = e.dst where e.kind in ('CALL_TARGET', 'UNRESOLVED')"
        f" and s.kind = 'call site' and s.line = {line}"
    )
    return {tuple(row.values()) for row in found.to_pylist()}


def test_a_target_that_a_witness_names_too_has_it_among_its_sources(graph: Graph) -> None:
    """A function by its definition, what lies outside by its last name."""
    assert targets(graph, 8) == {("one", "m.one", "direct", "ast,scip", False)}
    assert targets(graph, 12) == {("dumps", "json.dumps", "external", "ast,scip", False)}


def test_a_class_agrees_with_what_constructing_it_runs(graph: Graph) -> None:
    """The index names the class that is called, we the `__init__` that it inherits."""
    expected = ("Below", "m.Thing.__init__", "constructor", "ast,scip", False)
    assert targets(graph, 9) == {expected}


def test_where_they_differ_both_are_kept_in_one_group(graph: Graph) -> None:
    """The witness's own target says that only it names it."""
    assert targets(graph, 13) == {
        ("one", "m.one", "direct", "ast", True), ("one", "m.other", "scip", "scip", True),
    }  # fmt: skip


def test_a_target_that_only_the_witness_knows_takes_the_reason_away(graph: Graph) -> None:
    """A call of which nothing else was known is resolved by it, and counts as a call."""
    assert targets(graph, 11) == {("eat", "m.Thing.eat", "scip", "scip", False)}
    found = graph.sql(
        "select s.name from edges e join nodes s on s.nid = e.src join nodes d on d.nid = e.dst"
        " where e.kind = 'CALLS' and d.qualified_name = 'm.Thing.eat' order by s.name"
    )
    assert [row["name"] for row in found.to_pylist()] == ["taste", "twice"]


def test_what_the_witness_does_not_speak_of_stays_as_it_was(graph: Graph) -> None:
    """A target without the witness, and a reason."""
    assert targets(graph, 14) == {("other", "m.other", "direct", "ast", False)}
    assert targets(graph, 16) == {
        ("eat", "m.Thing.eat", "scip", "scip", False),
        ("gone", "parameter", "call", "ast", False),
    }


def test_the_manifest_and_the_report_count(graph: Graph) -> None:
    """Calls that agree, differ, and those that one side alone knows."""
    counts = {"agree": 3, "differ": 1, "ours_only": 1, "witness_only": 2}
    assert graph.manifest.facts["agreement"] == {"scip": counts}
    assert graph.diagnose().agreement == ({"witness": "scip", **counts},)
    assert "witness_only" in graph.diagnose().to_text()
