"""Arrays: the pool of buffers, and Arrow over the same memory."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from codeanatomy.ecs.arrays import Pool, arrow, concat, same, scattered, take

FLOAT = np.dtype(np.float64)


def test_a_buffer_comes_back_when_it_is_forgotten() -> None:
    """The same memory is borrowed again, and never while a view is alive."""
    pool = Pool()
    first = pool.borrow(FLOAT, (100,))
    address = first.__array_interface__["data"][0]
    view = first[3:5]
    del first
    second = pool.borrow(FLOAT, (100,))
    assert second.__array_interface__["data"][0] != address
    del view
    third = pool.borrow(FLOAT, (100,))
    assert third.__array_interface__["data"][0] == address


def test_a_buffer_under_an_arrow_array_is_not_borrowed() -> None:
    """Arrow holds the memory it looks at."""
    pool = Pool()
    numbers = pool.borrow(FLOAT, (10,))
    numbers[:] = 1.0
    held = arrow(numbers)
    del numbers
    pool.borrow(FLOAT, (10,))[:] = 2.0
    assert held.to_pylist() == [1.0] * 10


def test_a_changing_population_uses_few_buffers() -> None:
    """Sizes near each other share buffers; sizes of long ago are given up."""
    pool = Pool(sizes=4)
    addresses = {
        pool.borrow(FLOAT, (rows,)).__array_interface__["data"][0] for rows in range(900, 960)
    }
    assert len(addresses) == 1
    for rows in range(1, 100_000, 1000):
        pool.borrow(FLOAT, (rows, 2))
    assert len(pool._shelves) <= 4


def test_only_whole_views_are_owned() -> None:
    """Another array, or every other value of a buffer, is not."""
    pool = Pool()
    borrowed = pool.borrow(FLOAT, (64, 2))
    assert pool.owns(borrowed)
    assert not pool.owns(borrowed[::2])
    assert not pool.owns(np.zeros((64, 2)))


@pytest.mark.parametrize(
    ("numbers", "type_"),
    [
        (np.arange(5), pa.int64()),
        (np.arange(5, dtype=np.int16), pa.int16()),
        (np.linspace(0, 1, 5), pa.float64()),
        (np.array([True, False]), pa.bool_()),
        (np.array(["2026-01-01"], "M8[us]"), pa.timestamp("us", tz="UTC")),
        (np.array(["2026-01-01"], "M8[D]"), pa.date32()),
        (np.arange(10)[::2], pa.int64()),
        (np.empty(0), pa.float64()),
    ],
)
def test_numbers_become_arrow(numbers: np.ndarray, type_: pa.DataType) -> None:
    """The values are those that `pa.array` gives."""
    assert arrow(numbers, type_).equals(pa.array(numbers, type=type_))


def test_numbers_become_arrow_without_a_copy() -> None:
    """The Arrow array looks at the memory of the numpy array."""
    numbers = np.arange(5)
    assert arrow(numbers).buffers()[1].address == numbers.__array_interface__["data"][0]


@pytest.mark.parametrize("make", [np.array, pa.array])
def test_rows_are_taken_joined_and_scattered(make: type) -> None:
    """Numpy and Arrow columns answer alike."""
    column = make([10, 20, 30])
    at = np.array([2, 0])
    assert take(column, at).tolist() == [30, 10]
    assert concat([column, column]).tolist() == [10, 20, 30, 10, 20, 30]
    assert scattered(column, at, make([3, 1])).tolist() == [1, 20, 3]
    assert column.tolist() == [10, 20, 30]
    assert same(column, make([10, 20, 30]))
    assert not same(column, make([10, 20, 31]))
