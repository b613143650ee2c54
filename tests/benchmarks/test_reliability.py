"""Confidence is judged by tables of other packages, and shown in bins that are large enough."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from benchmarks.tracing.reliability import Bin, bins, figures, held_out, plot
from codeanatomy.cpg.graph.calibrate import Judged
from codeanatomy.cpg.resolve.confidence import Key

KEY = Key("self", "1", agreement=False, incomplete=False)


def test_a_package_is_judged_without_itself() -> None:
    """All of `a` hits and none of `b`: each is given what the other has, drawn to nothing else."""
    found = {
        "a": [Judged(KEY, hit=True, confidence=None, nid=n, callee=0) for n in range(3)],
        "b": [Judged(KEY, hit=False, confidence=None, nid=n, callee=0) for n in range(2)],
    }
    assert held_out(found) == [(0.0, True)] * 3 + [(1.0, False)] * 2


def test_small_tenths_join_their_neighbours() -> None:
    """300 are enough for a bin; fewer join the next higher, the last ones the next lower."""
    answers = [(0.05, False)] * 299 + [(0.15, True)] * 2 + [(0.95, True)] * 10
    assert bins(answers) == [
        Bin(0.0, 1.0, 311, pytest.approx((0.05 * 299 + 0.15 * 2 + 9.5) / 311), 12 / 311)  # type: ignore[arg-type] # compares as a number
    ]
    assert [(one.low, one.high, one.total) for one in bins([(0.31, True)] * 300 + answers)] == [
        (0.0, 0.2, 301),
        (0.3, 1.0, 310),
    ]


def test_the_figures_compare_with_the_base_rate() -> None:
    """Half hit: the base rate scores 0.25, an answer that knows scores nothing."""
    found = figures([(1.0, True)] * 5 + [(0.0, False)] * 5)
    assert (found["base rate"], found["brier"], found["brier of the base rate"]) == (0.5, 0, 0.25)


def test_the_plot_is_a_drawing_with_a_dot_a_bin() -> None:
    """Any reader of SVG can read it."""
    drawing = ET.fromstring(plot([(0.9, True)] * 300 + [(0.1, False)] * 300, 2))  # noqa: S314 - our own text
    circles = drawing.findall("{http://www.w3.org/2000/svg}circle")
    titles = [circle.findtext("{http://www.w3.org/2000/svg}title") for circle in circles]
    assert titles == ["300 targets: said 0.100, hit 0.000", "300 targets: said 0.900, hit 1.000"]
