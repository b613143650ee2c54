"""Writes a duration for people: `50ms`, `1.2s`, `2m 18s`, `1h 1m 40s`."""

from __future__ import annotations

import math
from typing import Any

SECOND, MINUTE, HOUR = 1000, 60, 3600


def format_duration(seconds: Any) -> str:  # noqa: ANN401 - what is no duration is `0ms`
    """Return `seconds` for people; `0ms` for what is no duration."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return "0ms"
    if not math.isfinite(seconds) or seconds < 0:
        return "0ms"
    if seconds < 1 and round(seconds * SECOND) < SECOND:
        return f"{round(seconds * SECOND)}ms"
    if seconds < MINUTE and round(seconds, 1) < MINUTE:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    hours, minutes, rest = whole // HOUR, whole % HOUR // MINUTE, whole % MINUTE
    return f"{hours}h {minutes}m {rest}s" if hours else f"{minutes}m {rest}s"
