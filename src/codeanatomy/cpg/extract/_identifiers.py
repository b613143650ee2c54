"""Where an identifier stands in the text, for names that Python's tree gives no position."""

from __future__ import annotations

import re
import unicodedata

_WORD = rb"[A-Za-z0-9_\x80-\xff]+"
_BLANK = rb"(?:[ \t\f\n]|\\\n|#[^\n]*\n)*"
_DEFINITION = re.compile(
    rb"(?:async" + _BLANK + rb")?(?:def|class|type)(?:[ \t\f]|\\\n)+(" + _WORD + rb")"
)
_AS = re.compile(rb"(?:[ \t\f\n)]|\\\n|#[^\n]*\n)*as(?:[ \t\f\n]|\\\n)+(" + _WORD + rb")")
_REST = re.compile(rb"(?:[ \t\f\n,)\]}]|\\\n|#[^\n]*\n)*\*\*" + _BLANK + rb"(" + _WORD + rb")")
_STARS = re.compile(rb"\*{0,2}" + _BLANK + rb"(" + _WORD + rb")")
_LISTED = re.compile(rb"(?:[ \t\f,]|\\\n)+(" + _WORD + rb")")
_IDENTIFIER_END = re.compile(_WORD + rb"\Z")

Span = tuple[int, int]


def definition(text: bytes, start: int) -> Span | None:
    """Find the name after `def`, `async def`, `class` or `type` at `start`."""
    return _group(_DEFINITION.match(text, start))


def after_as(text: bytes, start: int) -> Span | None:
    """Find the name after the next `as`, from the end of an expression at `start`."""
    return _group(_AS.match(text, start))


def after_stars(text: bytes, start: int) -> Span | None:
    """Find the name at `start`, after one or two stars if there are any."""
    return _group(_STARS.match(text, start))


def rest(text: bytes, start: int, end: int) -> Span | None:
    """Find the name after `**` in a mapping pattern, from the end of its last pattern."""
    return _group(_REST.match(text, start, end))


def listed(text: bytes, start: int) -> list[Span]:
    """Find the names of a `global` or `nonlocal` statement at `start`, in order."""
    at = re.compile(rb"global|nonlocal").match(text, start)
    found: list[Span] = []
    match = _LISTED.match(text, at.end()) if at else None
    while match:
        found.append(match.span(1))
        match = _LISTED.match(text, match.end())
    return found


def ending_at(text: bytes, end: int, name: str) -> Span:
    """Find the identifier `name` that ends at `end`; it may be written in another normal form."""
    length = len(name.encode())
    if text[end - length : end].decode("utf-8", "replace") == name:
        return end - length, end
    found = _IDENTIFIER_END.search(text, max(0, end - 4 * length - 16), end)
    return found.span() if found else (end - length, end)


def starting_at(text: bytes, start: int, name: str) -> Span:
    """Find the identifier `name` that starts at `start`; it may be written in another form."""
    length = len(name.encode())
    if text[start : start + length] == name.encode():
        return start, start + length
    found = re.compile(_WORD).match(text, start)
    if found and unicodedata.normalize("NFKC", found.group().decode("utf-8", "replace")) == name:
        return found.span()
    return start, start + length


def mangle(name: str, private: str) -> str:
    """Apply the class-private renaming of the language reference, section 6.2.1."""
    if not private or not name.startswith("__") or name.endswith("__") or "." in name:
        return name
    stripped = private.lstrip("_")
    return f"_{stripped}{name}" if stripped else name


def _group(match: re.Match[bytes] | None) -> Span | None:
    return match.span(1) if match else None
