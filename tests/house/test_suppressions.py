"""Every suppression names what it suppresses and why."""

from __future__ import annotations

import io
import re
import tokenize

import pytest

from tests.house.source import committed, shown

# Ruff reads a reason after ` - `, mypy only after a second mark.
SUPPRESSES = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no cover|ruff:)")
GOOD = re.compile(
    r"# (?:(?:ruff: )?noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)* - \S"
    r"|type: ignore\[[a-z-]+(?:, ?[a-z-]+)*\] *# \S"
    r"|pragma: no cover - \S)"
)


def bad_suppressions(source: str) -> list[tuple[int, str]]:
    """List the comments of `source` that suppress something without a code or a reason."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = [(t.start[0], t.string) for t in tokens if t.type == tokenize.COMMENT]
    return [(n, c) for n, c in comments if SUPPRESSES.search(c) and not GOOD.search(c)]


def test_every_suppression_has_a_code_and_a_reason() -> None:
    """A reader learns from each one what would be said and why it does not hold here."""
    found = [
        f"{shown(path)}:{line}: {comment}"
        for path in committed(".py")
        if "corpus" not in path.parts
        for line, comment in bad_suppressions(path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("comment", "bad"),
    [
        ("# noqa: S608 - our own names", False),
        ("# noqa: S608, S101 - our own names", False),
        ("# type: ignore[arg-type]  # the stub is wrong", False),
        ("# ruff: noqa: ANN401 - one signature for all", False),
        ("# ruff: noqa", True),
        ("# noqa", True),
        ("# noqa: S608", True),
        ("# noqa - because", True),
        ("# type: ignore", True),
        ("# type: ignore[arg-type]", True),
        ("# pragma: no cover", True),
        ("# a word about noqa", False),
    ],
)
def test_what_counts_as_a_suppression(comment: str, bad: object) -> None:
    """A code and a reason, in the form its tool reads."""
    assert bool(bad_suppressions(f"x = 1  {comment}\n")) is bad
