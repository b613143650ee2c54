"""A pytest plugin that keeps Hypothesis short and the same on every run: the profile `few`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "few",
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
