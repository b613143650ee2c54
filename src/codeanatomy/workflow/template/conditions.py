"""What a condition says, before it is evaluated: a constant, a key, or an expression."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

FALSY_WORDS: Final = frozenset({"", "false", "0", "no", "none"})

_NAME = re.compile(r"[A-Za-z_]\w*")
_PIECE = re.compile(
    r"""(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|\{\{(?P<inner>.*?)\}\}""", re.DOTALL
)
_INSIDE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


class Condition(NamedTuple):
    """One of: `constant`, `key` (negated or not), `expression`, `text` with blocks in it."""

    kind: str
    source: str
    negated: bool = False


def read_condition(text: str) -> Condition:
    """Tell what kind of condition `text` is."""
    stripped = text.strip()
    if stripped in {"True", "False"}:
        return Condition("constant", stripped)
    bare = stripped.removeprefix("!").strip() if stripped.startswith("!") else stripped
    negated = bare != stripped
    if _NAME.fullmatch(bare):
        return Condition("key", bare, negated)
    if "{%" in bare:
        return Condition("text", bare, negated)
    inner = single(bare)
    if inner is None:
        inner = as_expression(bare) if "{{" in bare else bare
    elif negated:
        inner = f"({inner})"
    return Condition("expression", f"not {inner}" if negated else inner)


def single(text: str) -> str | None:
    """Return what stands between the braces of a text that is one `{{ ... }}`, or None."""
    stripped = text.strip()
    if not (stripped.startswith("{{") and stripped.endswith("}}")) or "{%" in stripped:
        return None
    if stripped.count("{{") != 1 or len(stripped) < 4:  # noqa: PLR2004 - two pairs of braces
        return None
    inner = stripped[2:-2]
    if inner[:1] in {"-", "+"}:
        inner = inner[1:]
    return inner[:-1] if inner[-1:] in {"-", "+"} else inner


def as_expression(text: str) -> str:
    """Read `{{ a }} > {{ b }}` as `(a) > (b)`, and a pair inside quotes as a part of that text."""
    return _PIECE.sub(_as_value, text)


def is_truthy_text(text: str) -> bool:
    """Tell whether a rendered condition stands for true."""
    return text.strip().lower() not in FALSY_WORDS


def _as_value(found: re.Match[str]) -> str:
    if found["inner"] is not None:
        return f"({found['inner']})"
    quote = found["text"][0]
    if "{{" not in found["text"]:
        return found["text"]
    parts = _INSIDE.sub(lambda m: f"{quote} ~ ({m[1]}) ~ {quote}", found["text"])
    return f"({parts})"
