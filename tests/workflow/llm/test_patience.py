"""How long to wait before asking again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import pytest

from codeanatomy.workflow.llm.patience import Patience, retry_after


def failed(headers: Any) -> Exception:  # noqa: ANN401 - headers of any library
    """Return an error whose response has these headers."""
    error = Exception("slow")
    error.__dict__["response"] = SimpleNamespace(headers=headers)
    return error


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": 7}, 7.0),
        ({"Retry-After": "-3"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 -0000"}, 0.0),
        ({"Retry-After": ["3"]}, None),
        ({}, None),
        (None, None),
    ],
)
def test_what_a_server_asks_for(headers: Any, seconds: float | None) -> None:  # noqa: ANN401 - as above
    """Seconds, or a date that is over; anything else is no wish."""
    assert retry_after(failed(headers)) == seconds


def test_a_date_to_come_is_waited_for() -> None:
    """Until then."""
    then = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    told = retry_after(failed({"Retry-After": then}))
    assert told is not None
    assert 3500 < told <= 3600


def test_an_error_without_a_response_has_no_wish() -> None:
    """Such as a lost connection."""
    assert retry_after(Exception("gone")) is None


@pytest.mark.parametrize(
    ("attempt", "told", "delay"),
    [(0, None, 2.0), (1, None, 4.0), (2, None, 5.0), (0, 3.0, 3.0), (0, 9.0, 5.0), (5, 0.0, 0.0)],
)
def test_waits_double_up_to_the_longest(attempt: int, told: float | None, delay: float) -> None:
    """Unless the server says otherwise, and never longer."""
    assert Patience(3, base_delay=2.0, max_delay=5.0).delay(attempt, told) == delay
