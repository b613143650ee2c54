"""The words of DOT, each with the line and column it stands at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.workflow.errors import DotSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(
    r"""
      (?P<space>\s+|//[^\n]*|/\*.*?\*/|^\#[^\n]*)
    | (?P<quoted>"(?:\\.|[^"\\])*")
    | (?P<arrow>->|--)
    | (?P<number>-?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?![\w]))
    | (?P<name>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*|[0-9][\w]*)
    | (?P<mark>[{}\[\]=;,:+])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


class Token(NamedTuple):
    """A word: `kind` is name, quoted, html, arrow, mark or end."""

    kind: str
    text: str
    offset: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of `text`, then one of kind `end`."""
    at = 0
    while at < len(text):
        if text[at] == "<":
            end = _html_end(text, at)
            yield Token("html", text[at + 1 : end - 1], at)
            at = end
            continue
        match = _WORD.match(text, at)
        if match is None:
            raise syntax_error(text, at, f"unexpected {_shown(text, at)}")
        if match.lastgroup == "quoted":
            body = match.group()[1:-1].replace("\\\n", "")
            yield Token("quoted", re.sub(r'\\(["])', r"\1", body), at)
        elif match.lastgroup == "number":
            yield Token("name", match.group(), at)
        elif match.lastgroup != "space":
            yield Token(str(match.lastgroup), match.group(), at)
        at = match.end()
    yield Token("end", "", at)


def syntax_error(text: str, offset: int, what: str) -> DotSyntaxError:
    """Say what is wrong where; line and column count from 1."""
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    message = f"Invalid DOT syntax: {what} at line {line}, column {column}"
    return DotSyntaxError(message, line=line, column=column)


def _shown(text: str, at: int) -> str:
    return "an unclosed string" if text[at] == '"' else repr(text[at])


def _html_end(text: str, at: int) -> int:
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] == "<") - (text[place] == ">")
        if depth == 0:
            return place + 1
    raise syntax_error(text, at, "an unclosed '<'")
