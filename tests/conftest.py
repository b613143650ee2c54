"""What every test shares: pages of Markdown are tests, and no example is judged by its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

from tests.markdown import Page

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

# The machine may be busy: how long an example takes says nothing about the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the Markdown pages of `tests/cpg`."""
    inside = file_path.relative_to(parent.config.rootpath / "tests").parts
    if file_path.suffix == ".md" and inside[0] == "cpg":
        page: pytest.Collector = Page.from_parent(parent, path=file_path)
        return page
    return None
