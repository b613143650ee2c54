"""The journal in each of its databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codeanatomy.workflow.journal.open import open_journal
from codeanatomy.workflow.redact import forget_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codeanatomy.workflow.journal.base import Journal

PLACES = ("memory", "sqlite", "postgresql")


@pytest.fixture(params=PLACES)
def uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name a new journal in each database."""
    if request.param == "memory":
        return "memory:"
    if request.param == "sqlite":
        return str(tmp_path / "deep" / "journal.db")
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def journal(uri: str) -> Iterator[Journal]:
    """Open it, and close it at the end."""
    with open_journal(uri) as found:
        yield found
    forget_secrets()
