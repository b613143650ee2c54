"""Programs that are bad or huge: each is resolved to its end, at a cost about as large as it is."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest

from codeanatomy.cpg.resolve.resolver import CONTEXTS, PLACES
from codeanatomy.cpg.resolve.waves import MOST_OWN, MOST_VALUES
from tests.builds import built, rows, write
from tests.cpg.resolve.alone import solved, told
from tests.cpg.resolve.hostile import MANY_FILES, ONE_FILE, a_list_of_functions, many_bases
from tests.cpg.resolve.loops import LOOPS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codeanatomy.cpg.resolve.resolver import Resolver

SMALLER, LARGER = 64, 256  # sizes of programs
MORE = 1.6  # times the cost for each part of a program, at most, in the larger one
SQUARE = (many_bases,)  # as many bases as names: each name may be each base's


class Cost(NamedTuple):
    """What a run took, counted: machines do not matter."""

    nodes: int
    held: int
    work: int
    frames: int


def cost(r: Resolver) -> Cost:
    """Count what a run made and carried along."""
    held = sum(map(len, r.solver.values))
    return Cost(len(r.solver.values), held, r.solver.work, len(r.frames))


def decided(r: Resolver) -> bool:
    """Whether every call that runs has a target or a reason, and the run came to its end."""
    targets, reasons = told(r)
    sites = {(r.units[s.unit].file_no, s.node) for s in r.sites.values()
             if not s.name and not r.units[s.unit].outside}  # fmt: skip
    return not r.solver.exhausted and sites <= targets | reasons.keys()


@pytest.mark.parametrize("files", LOOPS.values(), ids=LOOPS)
def test_what_leads_back_to_itself_ends(files: dict[str, str]) -> None:
    """Every call is decided; a loop makes no more of anything than a bound allows."""
    r = solved(files)
    assert decided(r)
    assert len(r.frames) < 5000
    assert max(map(len, r.solver.values)) <= r.solver.most + 1


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the bounds so small that small programs meet them: up to them, growth is steeper."""
    for bounds, most in ((MOST_VALUES, 16), (MOST_OWN, 16), (CONTEXTS, 3), (PLACES, 3)):
        for small in (True, False):
            monkeypatch.setitem(bounds, small, most)


@pytest.mark.usefixtures("tight")
@pytest.mark.parametrize("make", ONE_FILE, ids=lambda make: make.__name__)
def test_a_large_file_costs_what_it_is_large(make: Callable[[int], str]) -> None:
    """Four times the size costs about four times as much."""
    _grows_evenly(lambda size: {"one.py": make(size)}, 4.0 if make in SQUARE else MORE)


@pytest.mark.usefixtures("tight")
@pytest.mark.parametrize("make", MANY_FILES, ids=lambda make: make.__name__)
def test_many_files_cost_what_they_are(make: Callable[[int], dict[str, str]]) -> None:
    """The same of programs of many files."""
    _grows_evenly(make)


def _grows_evenly(make: Callable[[int], dict[str, str]], more: float = MORE) -> None:
    """Compare what two sizes take beyond what a program of nothing but imports does."""
    small, large = solved(make(SMALLER)), solved(make(LARGER))
    assert decided(small)
    assert decided(large)
    sizes = zip(Cost._fields, _nothing(), cost(small), cost(large), strict=True)
    for part, none, one, two in sizes:
        assert two - none <= more * LARGER / SMALLER * max(one - none, 200), part


@cache
def _nothing() -> Cost:
    return cost(solved({"one.py": "from typing import Generic, List\nimport functools\n"}))


def test_more_values_than_are_followed(tmp_path: Path) -> None:
    """The known targets stay, the call says `limit`, and the build warns."""
    repo = write(tmp_path / "repo", {"one.py": a_list_of_functions(250)})
    manifest = built(repo, tmp_path / "s")
    assert "values-bound" in [w["code"] for w in manifest.facts["warnings"]]
    open_ = rows(tmp_path / "s", "edges", kind="UNRESOLVED")
    assert {edge["props"]["reason"] for edge in open_} == {"limit"}
    sites = {edge["src"] for edge in open_}
    targets = [e for e in rows(tmp_path / "s", "edges", kind="CALL_TARGET") if e["src"] in sites]
    assert len(targets) > 2 * 100


def test_a_run_that_ends_at_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls without a target say `limit`, and the build warns; the rest of the graph is there."""
    from codeanatomy.cpg.resolve import solver

    monkeypatch.setattr(solver, "MOST_WORK", 20)
    source = "def f(x): return x\nclass A:\n    def g(self): return f(self.g)()\nf(f)(A)().g()\n"
    manifest = built(write(tmp_path / "repo", {"one.py": source}), tmp_path / "s")
    assert "resolution-bound" in [w["code"] for w in manifest.facts["warnings"]]
    reasons = [e["props"]["reason"] for e in rows(tmp_path / "s", "edges", kind="UNRESOLVED")]
    assert set(reasons) == {"limit"}
    assert {n["name"] for n in rows(tmp_path / "s", "nodes", kind="method")} == {"g"}


def test_annotations_that_are_long_and_those_that_nobody_can_read() -> None:
    """A union of many is read whole; a text that Python cannot parse says nothing."""
    names = " | ".join(f"C{i}" for i in range(40))
    classes = "".join(f"class C{i}:\n    def go(self): pass\n" for i in range(40))
    r = solved({"one.py": f"{classes}def f(x: '{names}', y: '{'-' * 9000}1'): x.go(); y.go()\n"})
    found = sorted(len(site.targets) for site in r.sites.values()
                   if not site.name and not r.units[site.unit].outside)  # fmt: skip
    assert found == [0, 40]
