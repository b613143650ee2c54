"""Texts for a terminal: what would steer it, hide or reorder what it shows is spelt out instead."""

from __future__ import annotations

import re

# control characters but tab and newline, those that turn the direction of writing, halves of pairs
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    r"""Return a text with `\u001b` in place of an escape character, and so on, as in JSON."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
