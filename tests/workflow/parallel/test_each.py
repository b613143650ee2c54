"""Any number of things at once: whatever fails, however often, every result is in its place."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from codeanatomy.workflow.parallel.config import ParallelConfig
from codeanatomy.workflow.parallel.each import run_each
from codeanatomy.workflow.parallel.retry import Retry
from codeanatomy.workflow.parallel.setup import Parallel

if TYPE_CHECKING:
    from codeanatomy.workflow.parallel.branch import Branch

State = dict[str, Any]


@given(
    failures=st.lists(st.integers(0, 4), max_size=30),
    retries=st.integers(0, 3),
    limit=st.integers(1, 8),
)
@settings(max_examples=60)
def test_results_stand_where_their_names_do(failures: list[int], retries: int, limit: int) -> None:
    """Number i fails `failures[i]` times; it succeeds where it is tried once more than that."""
    config = ParallelConfig(retry_policy=Retry(max_retries=retries, base_delay=0.0))
    calls: list[tuple[int, int]] = []

    def go(branch: Branch, attempt: int) -> State:
        calls.append((branch.index, attempt))
        if attempt < failures[branch.index]:
            raise ValueError(f"{branch.index} {attempt}")
        return {"at": branch.index}

    names = [f"n{i}" for i in range(len(failures))]
    results = run_each(Parallel(config), config, names, go, limit)
    assert [r.branch for r in results] == names
    assert [r.success for r in results] == [n <= retries for n in failures]
    for index, (times, result) in enumerate(zip(failures, results, strict=True)):
        attempts = min(times, retries)
        assert result.retry_count == attempts
        if result.success:
            assert result.state == {"at": index}
        else:
            assert (result.error, result.error_type) == (f"{index} {retries}", "ValueError")
        errors = [f"{index} {n}" for n in range(min(times, retries + 1))]
        assert [e["error"] for e in result.attempt_errors] == errors
    expected = sorted((i, a) for i, n in enumerate(failures) for a in range(min(n, retries) + 1))
    assert sorted(calls) == expected


@given(count=st.integers(1, 20), failing=st.integers(0, 19), limit=st.integers(1, 4))
@settings(max_examples=40)
def test_nothing_begins_after_a_failure_that_ends_all(count: int, failing: int, limit: int) -> None:
    """Those that were running may be done or given up; those behind them did not begin."""
    config = ParallelConfig(fail_fast=True)
    begun: list[int] = []
    failed = threading.Event()

    def go(branch: Branch, _attempt: int) -> State:
        begun.append(branch.index)
        assert not (failed.is_set() and limit == 1)
        if branch.index == failing:
            failed.set()
            raise ValueError("last")
        return {}

    names = [f"n{i}" for i in range(count)]
    results = run_each(Parallel(config), config, names, go, limit)
    assert len(results) == count
    if failing < count:
        assert results[failing].error == "last"
        told = {r.error for r in results if not r.success} - {"last"}
        assert told <= {"Cancelled due to fail_fast"}
    else:
        assert all(r.success for r in results)
    if limit == 1:
        assert begun == list(range(min(count, failing + 1)))
