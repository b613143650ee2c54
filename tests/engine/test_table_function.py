"""Table functions: a Python function that SQL reads like a table."""

from __future__ import annotations

import pyarrow as pa
import pytest

from codeanatomy.engine.errors import QueryError
from codeanatomy.engine.execute import run_sql
from codeanatomy.engine.session import Session
from codeanatomy.kernel.errors import SpecError, UnknownNameError


def squares(*given: object) -> pa.Table:
    """Return so many squares; with a text, fail."""
    if given and not isinstance(given[0], int):
        raise UnknownNameError(f"no number {given[0]!r}", name=given[0])
    count = given[0] if given and isinstance(given[0], int) else 0
    return pa.table({"n": pa.array([n * n for n in range(count)], pa.int64())})


@pytest.fixture
def session() -> Session:
    """Open a session that knows squares, and a function that asks the session itself."""
    found = Session()
    found.register("t", pa.table({"n": [0, 1, 2]}))
    found.table_function("squares", squares)
    found.table_function("asking", lambda: run_sql(found, "select n + 1 as n from t"))
    return found


def test_constants_come_in_and_rows_go_out(session: Session) -> None:
    """It is computed anew in every SELECT, and joined like any table."""
    assert run_sql(session, "select * from squares(3)").to_pydict() == {"n": [0, 1, 4]}
    sql = "select count(*) as c from squares(1 + 1) s join t on t.n = s.n"
    assert run_sql(session, sql).to_pydict() == {"c": [2]}
    assert run_sql(session, "select * from squares()").num_rows == 0


def test_it_may_ask_the_session_that_waits_for_it(session: Session) -> None:
    """Planning one SELECT inside another is not a deadlock."""
    assert run_sql(session, "select n from asking() order by n").to_pydict() == {"n": [1, 2, 3]}


def test_its_own_error_reaches_who_asked(session: Session) -> None:
    """Not as text, and once only."""
    with pytest.raises(UnknownNameError, match="no number 'x'") as caught:
        run_sql(session, "select * from squares('x')")
    assert caught.value.facts == {"name": "x"}
    with pytest.raises(QueryError, match="no table 'nothing'"):
        run_sql(session, "select * from nothing")


def test_a_column_is_no_constant(session: Session) -> None:
    """A table function is called before there are rows."""
    with pytest.raises(SpecError, match="squares takes constants, not "):
        run_sql(session, "select * from t, squares(t.n)")
