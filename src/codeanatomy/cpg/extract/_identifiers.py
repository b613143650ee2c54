"""Where an identifier stands in the text, for names that Python's tree gives no position.

Each function returns a half-open span of text offsets; an empty one where the text does not hold
what the tree says, which only coarse positions can bring about.
"""

from __future__ import annotations

import re
import unicodedata

_WORD = rb"[A-Za-z0-9_\x80-\xff]+"
_SPACE = rb"(?:[ \t\f]|\\\n)+"
_BLANK = rb"(?:[ \t\f\n]|\\\n|#[^\n]*\n)*"
_DEFINITION = re.compile(
    rb"(?:async" + _SPACE + rb")?(?:def|class)" + _SPACE + rb"(" + _WORD + rb")"
)
_AS = re.compile(rb"(?:[ \t\f\n)]|\\\n|#[^\n]*\n)*as(?:[ \t\f\n]|\\\n)+(" + _WORD + rb")")
_REST = re.compile(rb"(?:[ \t\f\n,)\]}]|\\\n|#[^\n]*\n)*\*\*" + _BLANK + rb"(" + _WORD + rb")")
_STARS = re.compile(rb"\*{0,2}" + _BLANK + rb"(" + _WORD + rb")")
_DECLARING = re.compile(rb"global|nonlocal")
_LISTED = re.compile(rb"(?:[ \t\f,]|\\\n)+(" + _WORD + rb")")
_IDENTIFIER = re.compile(_WORD)
_IDENTIFIER_END = re.compile(_WORD + rb"\Z")

Span = tuple[int, int]


def definition(text: bytes, start: int) -> Span:
    """Find the name after `def`, `async def` or `class` at `start`."""
    return _group(_DEFINITION.match(text, start), start)


def after_as(text: bytes, start: int) -> Span:
    """Find the name after the next `as`, from the end of an expression at `start`."""
    return _group(_AS.match(text, start), start)


def after_stars(text: bytes, start: int) -> Span:
    """Find the name at `start`, after one or two stars if there are any."""
    return _group(_STARS.match(text, start), start)


def rest(text: bytes, start: int, end: int) -> Span:
    """Find the name after `**` in a mapping pattern, from the end of its last pattern."""
    return _group(_REST.match(text, start, end), start)


def listed(text: bytes, start: int) -> list[Span]:
    """Find the names of a `global` or `nonlocal` statement at `start`, in order."""
    at = _DECLARING.match(text, start)
    found: list[Span] = []
    match = _LISTED.match(text, at.end()) if at else None
    while match:
        found.append(match.span(1))
        match = _LISTED.match(text, match.end())
    return found


def decorator(text: bytes, start: int) -> int:
    """Find the `@` before the expression at `start`: the nearest one that begins a line."""
    at = text.rfind(b"@", 0, start)
    while at > 0:
        line = text.rfind(b"\n", 0, at) + 1
        if not text[line:at].strip(b" \t\f"):
            return at
        at = text.rfind(b"@", 0, at)
    return max(at, 0)


def ending_at(text: bytes, end: int, name: str) -> Span:
    """Find the identifier `name` that ends at `end`; it may be written in another normal form."""
    encoded = name.encode()
    start = end - len(encoded)
    if text[start:end] == encoded:
        return start, end
    found = _IDENTIFIER_END.search(text, max(0, end - 4 * len(encoded) - 16), end)
    return found.span() if found else (end, end)


def starting_at(text: bytes, start: int, name: str) -> Span:
    """Find the identifier `name` that starts at `start`; it may be written in another form."""
    encoded = name.encode()
    if text.startswith(encoded, start):
        return start, start + len(encoded)
    found = _IDENTIFIER.match(text, start)
    if found and unicodedata.normalize("NFKC", found.group().decode("utf-8", "replace")) == name:
        return found.span()
    return start, start


def mangle(name: str, private: str) -> str:
    """Apply the class-private renaming of the language reference, section 6.2.1."""
    if not private or name[:2] != "__" or name[-2:] == "__" or "." in name:
        return name
    stripped = private.lstrip("_")
    return f"_{stripped}{name}" if stripped else name


def _group(match: re.Match[bytes] | None, start: int) -> Span:
    return match.span(1) if match else (start, start)
