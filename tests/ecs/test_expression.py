"""Expressions over columns: what they read, what they say, how they are refused."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from codeanatomy.ecs.errors import InvalidExpressionError, UnknownColumnError
from codeanatomy.ecs.expression import parse

NAMES = pa.array(["wolf", "sheep", None, "wolf"])
COLUMNS = {
    "p__x": np.array([0.0, 1.0, 2.0, np.nan]),
    "p__n": np.array([0, 1, 2, 3]),
    "p__on": np.array([True, False, True, False]),
    "p__xy": np.array([[0, 9], [1, 8], [2, 7], [3, 6]]),
    "k__name": NAMES,
    "k__kind": NAMES.dictionary_encode(),
    "k__when": pa.array([datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4)]),
    "k__home": pa.array([{"no": 4}, {"no": 3}, {"no": 2}, {"no": 1}]),
}

MASKS = [
    ("p__n > 1", [False, False, True, True]),
    ("p__n >= 1 and p__n < 3", [False, True, True, False]),
    ("0 < p__n <= 2", [False, True, True, False]),
    ("p__n = 0 or p__n == 3", [True, False, False, True]),
    ("not p__n = 0", [False, True, True, True]),
    ("p__n <> 0 and p__n != 1", [False, False, True, True]),
    ("p__on", [True, False, True, False]),
    ("not p__on", [False, True, False, True]),
    ("p__n in (1, 3)", [False, True, False, True]),
    ("p__n not in (1, 3)", [True, False, True, False]),
    ("p__n between 1 and 2", [False, True, True, False]),
    ("p__n not between 1 and 2", [True, False, False, True]),
    ("k__name = 'wolf'", [True, False, False, True]),
    ('k__name = "wolf"', [True, False, False, True]),
    ("k__name != 'wolf'", [False, True, False, False]),
    ("k__kind = 'sheep'", [False, True, False, False]),
    ("k__kind in ('sheep', 'cow')", [False, True, False, False]),
    ("k__name like 'w%'", [True, False, False, True]),
    ("k__name is null", [False, False, True, False]),
    ("k__name is not null", [True, True, False, True]),
    ("p__x is null", [False, False, False, True]),
    ("p__n + 1 > 3", [False, False, False, True]),
    ("p__n * 2 - 1 = 3", [False, False, True, False]),
    ("p__n / 2 = 0.5", [False, True, False, False]),
    ("p__n % 2 = 1", [False, True, False, True]),
    ("-p__n % 3 = 2", [False, True, False, False]),
    ("-p__n < -1", [False, False, True, True]),
    ("p__xy[1] < 8", [False, False, True, True]),
    ("k__home.no > 2", [True, True, False, False]),
    ("k__when < '2024-01-03T00:00:00Z'", [True, True, False, False]),
    ("sqrt(p__n) > 1.5", [False, False, False, True]),
    ("abs(p__n - 2) <= 1", [False, True, True, True]),
    ("true", [True, True, True, True]),
    ("p__n = 0 or p__n = 1 and p__on", [True, False, False, False]),
    ("(p__n = 0 or p__n = 1) and not p__on", [False, True, False, False]),
]


@pytest.mark.parametrize(("text", "expected"), MASKS, ids=[text for text, _ in MASKS])
def test_mask(text: str, expected: list[bool]) -> None:
    """An expression says of every row whether it holds; what is unknown does not."""
    assert parse(text).mask(COLUMNS, 4).tolist() == expected


VALUES = [
    ("avg(p__n)", 1.5),
    ("sum(p__n) / count(*)", 1.5),
    ("min(p__n) + max(p__n)", 3),
    ("median(p__n)", 1.5),
    ("stddev(p__n)", 1.25**0.5),
    ("count(k__name)", 3),
    ("count(*)", 4),
    ("sum(p__n * p__n)", 14),
]


@pytest.mark.parametrize(("text", "expected"), VALUES, ids=[text for text, _ in VALUES])
def test_value(text: str, expected: float) -> None:
    """An aggregate makes one value of all rows."""
    table = pa.table({"p__n": COLUMNS["p__n"], "k__name": NAMES})
    assert parse(text).value(table) == expected


def test_aggregate_of_nothing() -> None:
    """Without rows an average is absent, and a count zero."""
    table = pa.table({"p__n": pa.array([], pa.int64())})
    assert parse("avg(p__n)").value(table) is None
    assert parse("count(*)").value(table) == 0


def test_per_row() -> None:
    """An expression that is no aggregate has a value for every row."""
    table = pa.table({"p__n": COLUMNS["p__n"]})
    assert parse("p__n * 2").per_row(table).to_pylist() == [0, 2, 4, 6]


def test_columns() -> None:
    """An expression knows which columns it reads."""
    assert parse("p__x > 1 and lower(k__name) = 'p__y'").columns == {"p__x", "k__name"}


REFUSED = [
    ("", 0),
    ("p__x >", 6),
    ("p__x > 1 p__y", 9),
    ("p__x ? 1", 5),
    ("(p__x > 1", 9),
    ("p__x is 3", 8),
    ("open('file')", 5),
    ("p__x in 3", 8),
    ("p__xy[p__x]", 6),
]


@pytest.mark.parametrize(("text", "at"), REFUSED, ids=[text or "empty" for text, _ in REFUSED])
def test_refused(text: str, at: int) -> None:
    """What cannot be read is refused at its character."""
    with pytest.raises(InvalidExpressionError) as caught:
        parse(text)
    assert caught.value.facts["at"] == at


def test_deep_nesting() -> None:
    """Endless brackets are refused and do not exhaust the stack."""
    with pytest.raises(InvalidExpressionError, match="nesting"):
        parse("(" * 5000 + "1" + ")" * 5000)


MISFITS = ["p__n", "count(*) > 1", "k__name > 1", "avg(sum(p__n)) > 1"]


@pytest.mark.parametrize("text", MISFITS)
def test_misfit(text: str) -> None:
    """A filter that is no yes or no, or compares what cannot be compared, is refused."""
    with pytest.raises(InvalidExpressionError):
        parse(text).mask(COLUMNS, 4)


def test_unknown_column() -> None:
    """A column that is not here is named with those that are."""
    with pytest.raises(UnknownColumnError, match="p__n"):
        parse("p__m > 1").mask(COLUMNS, 4)
