"""Seeing worlds: series, collectors, charts as SVG and text, the live view."""

from __future__ import annotations

import enum
import importlib.util
import io
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pyarrow as pa
import pytest
from rich.console import Console

from codeanatomy.ecs.chart.chart import Chart
from codeanatomy.ecs.chart.figure import Line
from codeanatomy.ecs.chart.scale import Scale, spread, told
from codeanatomy.ecs.chart.terminal import spark
from codeanatomy.ecs.components import component
from codeanatomy.ecs.errors import (
    InvalidExpressionError,
    InvalidQueryError,
    UnknownColumnError,
    UnknownComponentError,
)
from codeanatomy.ecs.live import Live
from codeanatomy.ecs.processors import processor
from codeanatomy.ecs.series import chosen_ticks, series
from codeanatomy.ecs.world import World
from codeanatomy.kernel.errors import MissingPartError, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Kind(enum.Enum):
    """What somebody is."""

    WOLF = 1
    SHEEP = 2


@component
class Energy:
    """What keeps something alive."""

    value: int = 10


@component
class Animal:
    """What lives."""

    kind: Kind = Kind.WOLF
    age: int = 0


@processor(reads=(Energy,), writes=(Energy,))
def tire(columns: Any) -> dict[str, Any]:  # noqa: ANN401 - the columns of a table
    """Take one from every energy."""
    return {"energy__value": columns.energy__value - 1}


@pytest.fixture
def world() -> Iterator[World]:
    """Give a world of four animals after five ticks; entity 1 leaves at tick 4."""
    with World(components=(Energy, Animal), processors=(tire,), name="meadow") as made:
        made.spawn_batch({"energy__value": [10, 20], "animal__age": [1, 2]}, (Animal(Kind.WOLF),))
        made.spawn_batch({"energy__value": [30, 40], "animal__age": [1, 2]}, (Animal(Kind.SHEEP),))
        made.run(3)
        made.despawn(1)
        made.run(2)
        yield made


def test_measure(world: World) -> None:
    """An aggregate has one value at a tick, over those who have what it names."""
    assert world.measure("avg(energy__value)", tick=1) == 25.0
    assert world.measure("count(*)") == 3
    assert world.measure("count(*)", of=(Animal,), where="animal__age = 2") == 2
    assert world.measure("max(energy__value)", tick=0) is None


def test_series(world: World) -> None:
    """A series has the value of every tick."""
    found = series(world, "sum(energy__value)").to_pydict()
    assert found == {"tick": [1, 2, 3, 4, 5], "value": [100, 96, 92, 81, 78]}


def test_chosen_ticks(world: World) -> None:
    """Of many ticks a few are chosen at even distances, the first and the last among them."""
    assert chosen_ticks(world, most=3) == [1, 3, 5]
    assert chosen_ticks(world) == [1, 2, 3, 4, 5]


def test_collect_an_aggregate(world: World) -> None:
    """A collector keeps the value of every k-th tick from now on, until it is stopped."""
    found = world.collect("sum(energy__value)", every=2)
    world.run(3)
    assert found.table.to_pydict() == {"tick": [6, 8], "value": [75, 69]}
    found.stop()
    world.run(2)
    assert len(found) == 2


def test_collect_several(world: World) -> None:
    """A mapping names several aggregates; without ticks there are no rows."""
    found = world.collect({"n": "count(*)", "top": "max(energy__value)"}, of=(Animal,))
    assert found.table.to_pydict() == {"tick": [], "n": [], "top": []}
    world.step()
    assert found.table.to_pydict() == {"tick": [6], "n": [3], "top": [35]}


def test_collect_rows(world: World) -> None:
    """A function of the world may give rows; they keep their tick."""
    found = world.collect(lambda inner: inner.query(Energy, where="energy__value > 30"), every=5)
    other = world.collect(lambda _: pa.table({"n": [1]}), every=3)
    world.run(5)
    assert found.table.select(["tick", "entity_id"]).to_pylist() == [{"tick": 10, "entity_id": 4}]
    assert other.table.to_pydict() == {"tick": [6, 9], "n": [1, 1]}


@pytest.mark.parametrize("question", ["avg(enrgy__value)", "avg(energy__valu)", "energy__value"])
def test_collect_what_is_not(world: World, question: str) -> None:
    """A question that cannot be answered is refused before the world runs."""
    with pytest.raises((UnknownComponentError, UnknownColumnError, InvalidExpressionError)):
        world.collect(question)


@pytest.mark.parametrize("every", [0, -1, 1.5, True])
def test_collect_every_nothing(world: World, every: Any) -> None:  # noqa: ANN401 - what is no number of ticks
    """A collector asks every whole number of ticks."""
    with pytest.raises(InvalidQueryError, match="whole number"):
        world.collect("count(*)", every=every)


def test_plot_over_ticks(world: World) -> None:
    """A plot over ticks has a line for each expression."""
    chart = world.plot("avg(energy__value)", "count(*)", by="tick")
    assert [line.name for line in chart.lines] == ["avg(energy__value)", "count(*)"]
    assert chart.lines[0].x == (1.0, 2.0, 3.0, 4.0, 5.0)
    assert chart.lines[0].y == (25.0, 24.0, 23.0, 27.0, 26.0)
    assert (chart.kind, chart.x_name) == ("line", "tick")


def test_plot_some_ticks(world: World) -> None:
    """The ticks can be chosen."""
    assert world.plot("count(*)", ticks=range(2, 5)).lines[0].y == (4.0, 4.0, 3.0)


def test_plot_over_names(world: World) -> None:
    """Over a column of names an aggregate is drawn as bars."""
    chart = world.plot("sum(energy__value)", by="animal__kind", tick=1)
    assert (chart.kind, chart.labels) == ("bars", ("SHEEP", "WOLF"))
    assert chart.lines[0].y == (70.0, 30.0)


def test_plot_over_numbers(world: World) -> None:
    """Over a column of numbers an aggregate is a line, and every entity a point."""
    chart = world.plot("sum(energy__value)", by="animal__age", tick=1)
    assert (chart.kind, chart.lines[0].x, chart.lines[0].y) == ("line", (1.0, 2.0), (40.0, 60.0))
    cloud = world.plot("energy__value", by="animal__age * 2", tick=1)
    assert cloud.kind == "points"
    assert sorted(zip(cloud.lines[0].x, cloud.lines[0].y, strict=True)) == [
        (2.0, 10.0),
        (2.0, 30.0),
        (4.0, 20.0),
        (4.0, 40.0),
    ]


def test_plot_of_a_branch_and_a_moment(world: World) -> None:
    """A tick nobody lives in has no value, and the line breaks there."""
    chart = world.plot("avg(energy__value)", where="energy__value > 36")
    assert chart.lines[0].y == (40.0 - 0.0, 39.0, 38.0, 37.0, None)


REFUSED: list[tuple[tuple[str, ...], dict[str, Any], str]] = [
    ((), {}, "nothing to plot"),
    (("energy__value",), {}, "make one of them"),
    (("animal__kind",), {"by": "animal__age"}, "draws numbers"),
    (("energy__value",), {"by": "animal__kind"}, "holds no numbers"),
    (("count(*)",), {"by": "avg(animal__age)"}, "name a column"),
]


@pytest.mark.parametrize(("expressions", "options", "says"), REFUSED)
def test_plot_refused(
    world: World, expressions: tuple[str, ...], options: dict[str, Any], says: str
) -> None:
    """What cannot be drawn is refused with what would have worked."""
    with pytest.raises((InvalidQueryError, InvalidExpressionError), match=says):
        world.plot(*expressions, **options)


def elements(chart: Chart, name: str) -> list[ET.Element]:
    """Give the elements of a name in the SVG of a chart."""
    root = ET.fromstring(chart.svg())  # noqa: S314 - our own drawing
    return root.findall(f".//{{http://www.w3.org/2000/svg}}{name}")


def test_svg_line() -> None:
    """A line is drawn through its points, from left to right, larger values higher."""
    chart = Chart("t", "x", "line", (Line("a", (0.0, 1.0, 2.0), (0.0, 5.0, 10.0)),))
    (line,) = elements(chart, "polyline")
    points = [tuple(map(float, p.split(","))) for p in line.attrib["points"].split()]
    assert points == [(64.0, 352.0), (384.0, 194.0), (704.0, 36.0)]


def test_svg_breaks() -> None:
    """Where a value is missing the line breaks, and a lonely point is drawn as one."""
    values = (1.0, 2.0, None, 3.0, float("nan"), 4.0, 5.0)
    chart = Chart("t", "x", "line", (Line("a", tuple(map(float, range(7))), values),))
    assert len(elements(chart, "polyline")) == 2
    assert len(elements(chart, "circle")) == 1


def test_svg_names_are_escaped() -> None:
    """Names are text, whatever stands in them."""
    lines = (Line("<b>&'\"", (0.0,), (1.0,)), Line("c", (0.0,), (2.0,)))
    chart = Chart("a < b & 'c'", "x", "line", lines)
    texts = [element.text for element in elements(chart, "text")]
    assert "a < b & 'c'" in texts
    assert "<b>&'\"" in texts


def test_svg_bars() -> None:
    """Every label has its bar, as high as its value."""
    chart = Chart("t", "k", "bars", (Line("a", (0.0, 1.0), (10.0, -5.0)),), ("up", "down"))
    bars = elements(chart, "rect")[1:]
    heights = [float(bar.attrib["height"]) for bar in bars]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)
    assert {"up", "down"} <= {element.text for element in elements(chart, "text")}


def test_svg_of_nothing() -> None:
    """A chart without values is axes alone."""
    chart = Chart("t", "x", "line", (Line("a", (), ()),))
    assert elements(chart, "polyline") == []
    assert len(elements(chart, "line")) > 1


def test_text_of_a_line() -> None:
    """For a terminal a rising line goes from the lower left to the upper right."""
    xs = tuple(map(float, range(10)))
    drawn = Chart("growth", "tick", "line", (Line("a", xs, xs),)).text(30, 10).splitlines()
    assert drawn[0] == "growth"
    body = [line.partition("┤")[2] for line in drawn if "┤" in line]
    blank = chr(0x2800)
    starts = [len(line) - len(line.lstrip(blank)) for line in body]
    assert starts == sorted(starts, reverse=True)
    assert drawn[-1].split() == ["0", "tick", "9"]
    assert max(map(len, drawn)) <= 30


def test_text_of_bars() -> None:
    """For a terminal bars are rows of blocks with their label and number."""
    chart = Chart("t", "k", "bars", (Line("a", (0.0, 1.0), (4.0, 2.0)),), ("wolf", "sheep"))
    drawn = chart.text(20).splitlines()
    assert [line.split("│")[0].strip() for line in drawn[1:]] == ["wolf", "sheep"]
    assert [line.count("█") for line in drawn[1:]] == [12, 6]
    assert [line.split()[-1] for line in drawn[1:]] == ["4", "2"]


def test_spark() -> None:
    """A small chart is one character a value, blank where there is none."""
    assert spark([0.0, 7.0, None, 3.5], 4) == "▁█ ▅"
    assert spark([1.0, 2.0, 3.0], 2) == "▁█"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 10.0, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]),
        (0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-3.0, 7.0, [-2.0, 0.0, 2.0, 4.0, 6.0]),
        (120.0, 980.0, [200.0, 400.0, 600.0, 800.0]),
    ],
)
def test_marks(low: float, high: float, expected: list[float]) -> None:
    """Marks are round numbers inside the scale."""
    assert Scale(low, high, 0, 1).marks(6) == expected


def test_spread_of_one_value() -> None:
    """One value alone, or none, still has a scale."""
    assert spread([5.0]) == (4.5, 5.5)
    assert spread([None, float("nan")]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (1500.0, "1500"), (2.5e7, "2.5e+07"), (0.1 + 0.2, "0.3")]
)
def test_told(value: float, text: str) -> None:
    """Numbers of marks are short."""
    assert told(value) == text


def test_save(world: World, tmp_path: Path) -> None:
    """A chart is saved as its ending says, and other endings are refused."""
    chart = world.plot("count(*)")
    assert chart.save(tmp_path / "c.svg").read_text() == chart.svg()
    assert chart.save(tmp_path / "c.txt").read_text() == str(chart)
    with pytest.raises(SpecError, match=r"\.svg"):
        chart.save(tmp_path / "c.gif")


def test_png(world: World) -> None:
    """A PNG is drawn where matplotlib is installed; elsewhere the missing part is named."""
    chart = world.plot("count(*)")
    if importlib.util.find_spec("matplotlib") is None:
        with pytest.raises(MissingPartError, match=r"codeanatomy\[plot\]"):
            chart.png()
    else:
        assert chart.png().startswith(b"\x89PNG")


def test_live(world: World) -> None:
    """The live view tells the tick, the populations and the expressions while a world runs."""
    screen = io.StringIO()
    console = Console(file=screen, width=100, force_terminal=False)
    with world.live("avg(energy__value)", console=console):
        world.run(3)
    seen = screen.getvalue()
    assert "meadow: tick 8" in seen
    assert "animal, energy" in seen
    assert "avg(energy__value)" in seen
    assert "23" in seen


def test_live_looks_now_and_then(world: World) -> None:
    """Between two looks ticks cost nothing: the expression is not even asked."""
    now = [0.0]
    view = Live(world, "count(*)", console=Console(file=io.StringIO()), clock=lambda: now[0])
    with view:
        for _ in range(20):
            world.step()
            now[0] += 0.03
    assert len(view._values["count(*)"]) == 2 + 4
    ticks = world.tick
    world.step()
    assert world.tick == ticks + 1
    assert len(view._values["count(*)"]) == 2 + 4
