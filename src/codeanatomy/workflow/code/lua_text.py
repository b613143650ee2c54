"""Takes the templates out of a Lua text: outside strings a value, inside one a joined text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from codeanatomy.workflow.code.scan import SCOPE_NAMES, expression_at
from codeanatomy.workflow.code.slots import PREFIX, Binding

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN = re.compile(
    r"(?P<comment>--\[(?P<ce>=*)\[.*?\](?P=ce)\]|--[^\n]*)"
    r"|(?P<long>\[(?P<le>=*)\[.*?\](?P=le)\])"
    r"|(?P<text>'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")"
    r"|(?P<braces>\{\{)",
    re.DOTALL,
)
_ROOT = re.compile(r"\s*([A-Za-z_]\w*)")


def take_lua_slots(source: str, is_expression: Callable[[str], bool]) -> tuple[str, list[Binding]]:
    """Return the text with a global in the place of each template, and what to bind.

    `{{` also opens a table in a table, so a template is what begins with a name of the scope.
    """
    taken = _Taken(is_expression)
    parts: list[str] = []
    at = 0
    while found := _TOKEN.search(source, at):
        parts.append(source[at : found.start()])
        at = found.end()
        if found["braces"]:
            end = taken.slot(source, found.start(), "value")
            parts.append(taken.last if end else "{{")
            at = end or at
        elif found["comment"]:
            parts.append(found[0])
        else:
            parts.append(taken.string(found))
    return "".join([*parts, source[at:]]), taken.bindings


class _Taken:
    """The templates taken so far."""

    def __init__(self, is_expression: Callable[[str], bool]) -> None:
        self._is_expression = is_expression
        self.bindings: list[Binding] = []
        self.last = ""

    def slot(self, source: str, start: int, kind: str) -> int | None:
        """Take the template at `start`; return its end, or None if there is none."""
        expression = expression_at(source, start, self._is_expression)
        if expression is None:
            return None
        end, inner = expression
        root = _ROOT.match(inner)
        if not root or root[1] not in SCOPE_NAMES:
            return None
        self.last = f"{PREFIX}{len(self.bindings)}"
        text = "{{" + inner + "}}" if kind == "text" else inner
        self.bindings.append(Binding(self.last, text, kind))
        return end

    def string(self, found: re.Match[str]) -> str:
        """Return a string literal as the concatenation of its parts."""
        whole = found[0]
        if "{{" not in whole:
            return whole
        quote = len(found["le"]) + 2 if found["long"] else 1
        opening, closing, body = whole[:quote], whole[-quote:], whole[quote:-quote]
        parts: list[str] = []
        at = plain = 0
        while (start := body.find("{{", at)) >= 0:
            end = self.slot(body, start, "text")
            at = end or start + 2
            if end:
                parts += [opening + body[plain:start] + closing, self.last]
                plain = end
        if not parts:
            return whole
        return "(" + " .. ".join([*parts, opening + body[plain:] + closing]) + ")"


SAFE_GLOBALS: Final = (
    "assert error ipairs math next pairs pcall rawequal rawget rawlen rawset select setmetatable"
    " string table tonumber tostring type utf8 xpcall coroutine getmetatable _VERSION"
).split()
