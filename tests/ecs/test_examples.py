"""Every example runs and prints what it promises."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples" / "ecs"

# example -> what its output says; a line of it each
SAYS = {
    "quick_start": [
        "tick 5: 1 gone, 3 left",
        "tick 11: 3 gone, 0 left",
        r"energy at tick 3: \[1.0, 4.0, 4.0, 4.0\]",
        r"population: \[4, 4, 4, 4, 3, 3, 3, 3, 3, 3\]",
        "the same again: True",
    ],
    "mutations": [
        "tick 1, spawned: ann 10, bob 0, cid 0, dee 0",
        "tick 2, updated, bob frozen: ann 12.5, bob 1 frozen, cid 2, dee 3",
        "tick 3, the poor have nothing: ann 12.5, bob 0, cid 0, dee 3",
        "tick 4, despawned: dee 3",
        r"refused: \[\('unknown-entity', 77\)\]",
        r"tombstones: \['ann', 'bob', 'cid'\]",
    ],
    "time_travel": [
        "reopened at tick 10, rate 0.1",
        r"tick 1: rate 0.05, \[100.0, 200.0\]",
        r"tick 5: rate 0.05, \[121.55, 243.1\]",
        r"tick 10: rate 0.1, \[195.76, 391.52\]",
        r"at 0.05 all along: \[155.13, 310.27\]",
        "replayed byte for byte: True",
    ],
    "messages": [
        "person 1 heard it at tick 2 from outside",
        *(f"person {n} heard it at tick {n + 1} from {n - 1}" for n in (2, 3, 4, 5)),
    ],
    "forest_fire": [
        "tick 1: {'fine': 6884, 'burning': 77, 'burnt': 0}",
        "tick 101: {'fine': 2, 'burning': 2, 'burnt': 6957}",
    ],
    "schelling": [r"tick 21: {'residents': 1000, 'cells': 1000, 'happy': (99\d|1000)}"],
    "flocking": [r"tick 101: {'birds': 200, 'order': 0\.\d+}"],
    "wolf_sheep": [
        "tick 1: {'sheep': 60, 'wolves': 40, 'green': 2..}",
        r"tick 101: {'sheep': [1-9]\d*, 'wolves': [1-9]\d*, 'green': [1-9]\d*}",
    ],
}


def run(name: str, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Run an example as a script without numba, and give its lines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "numba", None)  # as where it is not installed: no compile time
        patch.setattr(sys, "argv", [name, *arguments])
        runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("name", SAYS)
def test_an_example_prints_its_facts(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every line that is promised is among those that are printed."""
    lines = run(name, capsys)
    for promised in SAYS[name]:
        assert any(re.fullmatch(promised, line) for line in lines), (promised, lines)


def test_the_branches_of_the_counterfactual_differ(capsys: pytest.CaptureFixture[str]) -> None:
    """Fewer fall ill with distance and with a vaccine, and the town itself has not moved on."""
    text = "\n".join(run("counterfactual", capsys))
    ill = {name: int(count) for name, count in re.findall(r"(\w+): (\d+) people were ill", text)}
    assert ill.keys() == {"nothing", "distance", "vaccine"}
    assert len(set(ill.values())) == 3
    assert min(ill["distance"], ill["vaccine"]) >= 50
    assert max(ill["distance"], ill["vaccine"]) < 0.8 * ill["nothing"]
    assert all(int(n) > 100 for n in re.findall(r"against \w+: (\d+) people end otherwise", text))
    assert "the town itself is still at tick 10" in text


def test_the_market_finds_its_price(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The mean price is near the crossing, most of the surplus is gained, the plot is a picture."""
    text = "\n".join(run("market", capsys, str(tmp_path / "prices.svg")))
    (crossing,) = re.findall(r"cross at ([\d.]+)", text)
    (price,) = re.findall(r"mean price ([\d.]+)", text)
    (share,) = re.findall(r"([\d.]+)% of all", text)
    assert abs(float(crossing) - float(price)) < 0.05
    assert 85 < float(share) <= 100
    assert (tmp_path / "prices.svg").read_text().startswith("<svg")


def test_the_epidemic_passes(tmp_path: Path) -> None:
    """It ends, the more contagious the fewer escape, and the plot is a picture."""
    script = [sys.executable, str(EXAMPLES / "epidemic.py"), str(tmp_path / "plot.svg")]
    text = subprocess.run(script, check=True, capture_output=True, text=True).stdout
    assert re.search(r"over after tick \d+; \d+\.\d% never caught it", text)
    assert (tmp_path / "plot.svg").read_text().startswith("<svg")
    rows = re.findall(r"contagion ([\d.]+), seed (\d): ([\d.]+)% escaped", text)
    assert [(row[0], row[1]) for row in rows] == [
        (contagion, seed) for contagion in ("0.01", "0.02", "0.04") for seed in "12"
    ]
    escaped = [float(row[2]) for row in rows]
    assert min(escaped[:4]) > 80
    assert max(escaped[4:]) < 40
