"""Limiters that several threads share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from codeanatomy.workflow.actions.ratelimit import Limiter, Limiters


def test_turns_are_an_interval_apart() -> None:
    """However many ask at once, each waits for a turn of its own."""
    limiter = Limiter(0.01)
    with ThreadPoolExecutor(5) as pool:
        waited = sorted(
            w for w in pool.map(lambda _: limiter.wait(None), range(5)) if w is not None
        )
    assert len(waited) == 5
    steps = [later - sooner for sooner, later in pairwise(waited)]
    assert all(0 <= step <= 0.011 for step in steps)
    assert 0.02 < sum(steps) <= 0.0401


def test_a_name_is_one_limiter() -> None:
    """Whoever asks gets the same."""
    limiters = Limiters()
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: limiters.get("x", None, 1.0), range(50)))
    assert len(found) == 1
