"""Spaces against slow, obvious implementations: every pair is looked at, one after the other."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeanatomy.ecs.errors import InvalidSpaceError
from codeanatomy.ecs.space import (
    Continuous,
    Grid,
    Network,
    around,
    enter,
    inside,
    leave,
    move,
    occupy,
    random_empty,
    wander,
)

GRIDS = st.builds(Grid, st.integers(1, 6), st.integers(1, 6), st.booleans())
SHAPES = st.sampled_from(["moore", "von neumann"])
CHANCE = st.integers(0, 2**32).map(np.random.default_rng)


def obvious_neighbours(grid: Grid, cell: int, radius: int, shape: str) -> set[int]:
    """Look at every cell and measure the way there."""
    found = set()
    for other in range(grid.cells):
        ways = []
        for wrap_x, wrap_y in itertools.product((-1, 0, 1) if grid.torus else (0,), repeat=2):
            for turns in range(1, radius + 2):
                dx = abs(other % grid.width + wrap_x * turns * grid.width - cell % grid.width)
                dy = abs(other // grid.width + wrap_y * turns * grid.height - cell // grid.width)
                ways.append(max(dx, dy) if shape == "moore" else dx + dy)
        if other != cell and min(ways) <= radius:
            found.add(other)
    return found


@given(GRIDS, st.integers(0, 3), SHAPES)
@settings(max_examples=150, deadline=None)
def test_neighbours_are_the_cells_within_the_radius(grid: Grid, radius: int, shape: str) -> None:
    """Every cell once, none itself, -1 only beyond an edge."""
    table = grid.neighbours(radius, shape)  # type: ignore[arg-type] # one of the two shapes
    for cell in range(grid.cells):
        found = table[cell][table[cell] >= 0].tolist()
        assert len(found) == len(set(found))
        assert set(found) == obvious_neighbours(grid, cell, radius, shape)


@given(GRIDS, st.integers(0, 3), SHAPES, CHANCE)
@settings(max_examples=100, deadline=None)
def test_sums_and_masks_around_agree_with_the_table(
    grid: Grid, radius: int, shape: str, chance: np.random.Generator
) -> None:
    """`sum_around` and `any_around` say what adding up the neighbours says."""
    values = chance.integers(0, 9, grid.cells)
    mask = values > 6
    table = grid.neighbours(radius, shape)  # type: ignore[arg-type] # one of the two shapes
    around = [[cell for cell in row if cell >= 0] for row in table.tolist()]
    assert grid.sum_around(values, radius, shape).tolist() == [  # type: ignore[arg-type] # as above
        sum(int(values[c]) for c in row) for row in around
    ]
    assert grid.any_around(mask, radius, shape).tolist() == [  # type: ignore[arg-type] # as above
        any(bool(mask[c]) for c in row) for row in around
    ]


def test_sums_of_no_values_are_none() -> None:
    """A table is visited empty in the tick its first rows are spawned; spaces go along."""
    for space in (Grid(3, 3), Network.ring(9)):
        assert space.sum_around(np.empty(0)).shape == (0,)
        assert space.any_around(np.empty(0, np.bool_)).shape == (0,)


@given(GRIDS, st.integers(0, 2), SHAPES, CHANCE)
@settings(max_examples=60, deadline=None)
def test_wanderers_arrive_in_their_neighbourhood(
    grid: Grid, radius: int, shape: str, chance: np.random.Generator
) -> None:
    """Everybody goes to a neighbour, or stays where there is none."""
    cells = chance.integers(0, grid.cells, 30)
    arrived = grid.wander(cells, chance, radius, shape)  # type: ignore[arg-type] # as above
    for start, end in zip(cells.tolist(), arrived.tolist(), strict=True):
        around = obvious_neighbours(grid, start, radius, shape)
        assert end in (around or {start})


def test_cells_are_numbered_row_by_row_and_wrap() -> None:
    """The corner past the last cell of a torus is the first cell."""
    grid = Grid(4, 3)
    assert grid.cell([0, 3, 4, -1], [0, 2, 3, -1]).tolist() == [0, 11, 0, 11]
    column, row = grid.xy([0, 5, 11])
    assert (column.tolist(), row.tolist()) == ([0, 1, 3], [0, 1, 2])
    assert grid.count([5, 5, 0]).tolist() == [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0]
    assert grid.total([5, 5], np.array([1.5, 2.0]))[5] == 3.5
    start, rows = grid.members([5, 0, 5])
    assert rows[start[5] : start[6]].tolist() == [0, 2]


@given(
    st.lists(st.sampled_from([3.0, 7.5, 20.0]), min_size=1, max_size=3),
    st.booleans(),
    st.integers(0, 40),
    st.sampled_from([0.0, 0.5, 1.0, 2.5, 4.0, 30.0]),
    CHANCE,
)
@settings(max_examples=200, deadline=None)
def test_pairs_are_all_the_pairs_within_the_radius(
    size: list[float],
    torus: bool,  # noqa: FBT001 - drawn
    count: int,
    radius: float,
    chance: np.random.Generator,
) -> None:
    """The cell list finds what looking at every pair finds, with the way and its length."""
    space = Continuous(tuple(size), torus)
    points = np.floor(chance.random((count, len(size))) * np.array(size) * 2) / 2  # ties and edges
    found = space.pairs(points, radius)
    expected = {}
    for i, j in itertools.permutations(range(count), 2):
        step = []
        for axis, side in enumerate(size):
            ways = [points[j, axis] - points[i, axis] + k * side for k in (-1, 0, 1)]
            step.append(min(map(abs, ways)) if torus else abs(ways[1]))
        if math.hypot(*step) <= radius:
            expected[i, j] = math.hypot(*step)
    got = dict(
        zip(
            zip(found.row.tolist(), found.other.tolist(), strict=True),
            found.distance.tolist(),
            strict=True,
        )
    )
    assert len(got) == len(found.row)
    assert got.keys() == expected.keys()
    assert all(math.isclose(got[pair], far) for pair, far in expected.items())
    landed = space.wrap(points[found.row] + found.step) if torus else points[found.row] + found.step
    away = space.distance(landed, points[found.other])
    assert np.allclose(away, 0)


@given(st.booleans(), st.integers(2, 40), st.integers(1, 5), CHANCE)
@settings(max_examples=80, deadline=None)
def test_nearest_are_the_nearest(
    torus: bool,  # noqa: FBT001 - drawn
    count: int,
    wanted: int,
    chance: np.random.Generator,
) -> None:
    """The k nearest others are those that sorting all the distances puts first."""
    wanted = min(wanted, count - 1)
    space = Continuous((10.0, 5.0), torus)
    points = chance.random((count, 2)) * np.array([10.0, 5.0])
    if count > 10:
        points[: count // 2] *= 0.01  # a crowd in a corner
    others, far = space.nearest(points, wanted)
    for i in range(count):
        every = sorted(
            (float(space.distance(points[i], points[j])), j) for j in range(count) if j != i
        )
        assert others[i].tolist() == [j for _, j in every[:wanted]]
        assert np.allclose(far[i], [d for d, _ in every[:wanted]])


@given(
    st.integers(1, 12),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40),
    st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_a_network_knows_neighbours(
    nodes: int,
    edges: list[tuple[int, int]],
    directed: bool,  # noqa: FBT001 - drawn
) -> None:
    """Slices of neighbours are the sets that the edges say."""
    kept = [(a % nodes, b % nodes) for a, b in edges]
    network = Network.of(nodes, kept, directed=directed)
    values = np.arange(nodes) ** 2
    for node in range(nodes):
        expected = {b for a, b in kept if a == node and b != a}
        if not directed:
            expected |= {a for a, b in kept if b == node and b != a}
        assert network.neighbours(node).tolist() == sorted(expected)
        assert network.sum_around(values)[node] == sum(values[n] for n in expected)
        assert network.sum_around(values / 7)[node] == pytest.approx(
            sum(values[n] / 7 for n in expected)
        )
        assert bool(network.any_around(values > 9)[node]) == any(values[n] > 9 for n in expected)


def test_networks_are_made_by_rule() -> None:
    """A ring, a random network and a small world have the edges their rules ask for."""
    assert Network.ring(5, 4).degree.tolist() == [4] * 5
    assert Network.ring(6, 2).neighbours(0).tolist() == [1, 5]
    full = Network.random(7, 1.0, np.random.default_rng(1))
    assert full.degree.tolist() == [6] * 7
    assert len(Network.random(7, 0.0, np.random.default_rng(1)).edges()) == 0
    half = len(Network.random(200, 0.5, np.random.default_rng(1)).edges())
    assert abs(half - 9950) < 400
    world = Network.small_world(100, 4, 0.2, np.random.default_rng(3))
    assert len(world.edges()) == 200
    moved = {tuple(e) for e in world.edges().tolist()} - {
        tuple(e) for e in Network.ring(100, 4).edges().tolist()
    }
    assert 20 <= len(moved) <= 60


@given(st.integers(1, 6), st.lists(st.integers(-1, 5), max_size=12), st.data())
@settings(max_examples=100, deadline=None)
def test_occupancy_follows_every_move(cells: int, start: list[int], data: st.DataObject) -> None:
    """After any moves each cell holds exactly the rows that are in it."""
    where = [cell if cell < cells else -1 for cell in [*start, -1, -1]]
    near = Grid(cells, 1, torus=False).neighbours()
    column = np.array(where, dtype=np.int64)
    held = occupy(column, near)
    for _ in range(data.draw(st.integers(0, 20))):
        row = data.draw(st.integers(0, len(where) - 1))
        to = data.draw(st.integers(-1, cells - 1))
        if to < 0:
            leave(held, row)
        elif where[row] < 0:
            enter(held, row, to)
        else:
            move(held, row, to)
        where[row] = to
    assert column.tolist() == where
    for cell in range(cells):
        found = list(inside(held, cell))
        assert sorted(found) == [row for row, at in enumerate(where) if at == cell]
    for row, at in enumerate(where):
        if at >= 0:
            beside = [r for r, cell in enumerate(where) if cell >= 0 and abs(cell - at) == 1]
            assert sorted(around(held, row).tolist()) == beside


def test_rows_wander_to_a_neighbour_and_find_the_empty_cell() -> None:
    """A row in a corner goes to one of its three neighbours; alone on a cell it stays."""
    grid, chance = Grid(3, 3, torus=False), np.random.default_rng(2)
    seen = set()
    for _ in range(60):
        held = grid.occupy(np.zeros(1, np.int64))
        cell = wander(held, 0, chance)
        assert list(inside(held, cell)) == [0]
        seen.add(cell)
    assert seen == {1, 3, 4}
    assert wander(Grid(1, 1).occupy(np.zeros(1, np.int64)), 0, chance) == 0
    full = grid.occupy(np.array([0, 1, 2, 3, 5, 6, 7, 8]))
    assert random_empty(full, chance) == 4
    move(full, 0, 4)
    assert random_empty(full, chance) == 0
    with pytest.raises(InvalidSpaceError, match="every cell"):
        random_empty(Grid(2, 1).occupy(np.array([0, 1])), chance)


@given(st.integers(1, 12), st.lists(st.integers(-1, 11), max_size=30))
@settings(max_examples=60, deadline=None)
def test_rows_of_a_cell_begin_in_ascending_order(cells: int, where: list[int]) -> None:
    """Whatever the number of cells, small or beyond what sixteen bits hold."""
    column = np.array([cell if cell < cells else -1 for cell in where], dtype=np.int64)
    for size in (cells, 70_000):
        held = occupy(column.copy(), np.empty((size, 0), np.int64))
        for cell in range(cells):
            assert list(inside(held, cell)) == np.flatnonzero(column == cell).tolist()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: Grid(0, 5), "at least one row"),
        (lambda: Grid(3, 3).neighbours(-1), "radius"),
        (lambda: Grid(3, 3).neighbours(1, "hex"), "moore"),  # type: ignore[arg-type] # wrong on purpose
        (lambda: Grid(3, 3, torus=False).cell(3, 0), "no torus"),
        (lambda: Grid(3, 3).count([9]), "from 0 to 8"),
        (lambda: Grid(3, 3).sum_around(np.zeros(8)), "one value for each"),
        (lambda: Network.ring(5).sum_around(np.zeros(4)), "one value for each"),
        (lambda: Continuous((0.0, 1.0)), "sides above 0"),
        (lambda: Continuous((1.0,) * 4), "one to three"),
        (lambda: Continuous((1.0, 1.0)).pairs(np.array([[1.0, 0.5]]), 0.1), "wrap"),
        (lambda: Continuous((1.0, 1.0)).pairs(np.array([[math.nan, 0.5]]), 0.1), "points lie"),
        (lambda: Continuous((1.0, 1.0)).pairs(np.zeros((3, 1)), 0.1), r"\(n, 2\)"),
        (lambda: Continuous((1.0, 1.0)).pairs(np.zeros((3, 2)), -1), "radius"),
        (lambda: Continuous((1.0, 1.0)).nearest(np.zeros((3, 2)), 3), "no 3 nearest"),
        (lambda: Network.of(3, [(0, 3)]), "from 0 to 2"),
        (lambda: Network.ring(5, 3), "even number"),
        (lambda: Network.ring(5).neighbours(5), "go from 0 to 4"),
        (lambda: Grid(2, 2).occupy(np.array([4])), "from 0 to 3"),
    ],
)
def test_what_is_not_in_a_space_is_refused(wrong: object, told: str) -> None:
    """Impossible shapes, places and radii are named errors."""
    with pytest.raises(InvalidSpaceError, match=told):
        wrong()  # type: ignore[operator] # every row is a call
