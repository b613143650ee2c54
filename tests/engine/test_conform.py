"""Rows in declared types."""

from __future__ import annotations

import pyarrow as pa
import pytest

from codeanatomy.engine.conform import conform, plain
from codeanatomy.kernel.errors import CompileError, RuleViolatedError

SCHEMA = pa.schema([pa.field("n", pa.int32(), nullable=False), pa.field("s", pa.string())])


def test_columns_get_their_order_and_types() -> None:
    """Wider numbers, dictionaries and another order fit."""
    table = pa.table({"s": pa.array(["x", None]).dictionary_encode(), "n": pa.array([1, 2])})
    conformed = conform(table, SCHEMA)
    assert conformed.schema == SCHEMA
    assert conformed.to_pylist() == [{"n": 1, "s": "x"}, {"n": 2, "s": None}]


@pytest.mark.parametrize("names", [["n"], ["n", "s", "t"], ["n", "t"], ["n", "n"]])
def test_other_columns_are_refused(names: list[str]) -> None:
    """A missing, an unknown and a doubled column."""
    with pytest.raises(CompileError, match="are not the declared"):
        conform(pa.table([pa.array([1])] * len(names), names=names), SCHEMA)


def test_a_null_in_a_required_column_is_refused() -> None:
    """The error counts the nulls."""
    table = pa.table({"n": [1, None, None], "s": ["x", "y", "z"]})
    with pytest.raises(RuleViolatedError) as caught:
        conform(table, SCHEMA)
    assert caught.value.facts == {"column": "n", "nulls": 2}


@pytest.mark.parametrize("values", [[2**40], ["x"], [[1]]])
def test_values_that_do_not_fit_are_refused(values: list[object]) -> None:
    """Too large, not a number, not even a scalar: never cut, never guessed."""
    with pytest.raises(CompileError, match="'n'"):
        conform(pa.table({"n": values, "s": ["x"]}), SCHEMA)


def test_plain_types_have_no_views_and_no_dictionaries() -> None:
    """Each stored form of strings and binaries becomes the plain one; the rest stays."""
    table = pa.table(
        {
            "a": pa.array(["x"]).dictionary_encode(),
            "b": pa.array(["x"], pa.string_view()),
            "c": pa.array(["x"], pa.large_string()),
            "d": pa.array([b"x"], pa.binary_view()),
            "e": pa.array([b"x"], pa.large_binary()),
            "f": pa.array([1], pa.int8()),
        }
    )
    answer = plain(table)
    expected = [pa.string()] * 3 + [pa.binary()] * 2 + [pa.int8()]
    assert answer.schema.types == expected
    assert answer.to_pylist() == table.to_pylist()


def test_plain_keeps_two_columns_of_one_name() -> None:
    """A person may select the same name twice."""
    table = pa.table([pa.array(["x"]).dictionary_encode(), pa.array([1])], names=["a", "a"])
    assert plain(table).schema.types == [pa.string(), pa.int64()]
