"""The secret values of this process, and how they are kept out of whatever a run writes down.

Whoever reads a secret (the secrets backends, the command line) calls `keep_secret`; whoever writes
a journal, a trace, a log or a report passes what it writes through `redacted`.
"""

from __future__ import annotations

import json
import re
import threading
import weakref
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")

HIDDEN = "[REDACTED]"
SHORTEST = 4  # characters; a shorter value is hidden where it stands alone, not inside a text

_lock = threading.Lock()
_known: frozenset[str] = frozenset()
_named: dict[str, str] = {}
_askable: list[weakref.WeakMethod[Callable[..., object]]] = []
_inside: re.Pattern[str] | None = None


def keep_secret(*values: object, **named: object) -> None:
    """Remember the strings in the values, those inside dicts and lists too, as secret.

    One with a name is put back where a checkpoint is read by a process that knows it; a name
    that stands for another value already is not given twice.
    """
    global _known, _inside  # noqa: PLW0603 - the one set every writer of this process shares
    texts = {text for value in (*values, named) for text in _strings(value) if text.strip()}
    fresh = {spelt for text in texts for spelt in spellings(text).values()}
    with _lock:
        names = {n: text for n, text in _spelt_names(named) if _named.setdefault(n, text) == text}
        if fresh <= _known and not names:
            return
        _known = _known | fresh  # another object: who remembers it learns again
        _inside = _pattern(_known)


def known_secrets() -> frozenset[str]:
    """Return every secret of this process; the same object as long as none is added."""
    return _known


def named_secrets() -> dict[str, str]:
    """Return the secrets of this process that have names, in all their spellings."""
    return _named


def can_be_asked(get: Callable[..., object]) -> None:
    """Let the method `get` of a mapping of secrets be asked for one that is only known by name."""
    with _lock:
        _askable[:] = [kept for kept in _askable if kept() is not None]
        _askable.append(weakref.WeakMethod(get))


def ask_for_secret(name: str) -> None:
    """Ask for a secret by the name it is stored under; whoever has it tells `keep_secret`."""
    plain = name.partition("~")[0]
    for get in [kept() for kept in _askable]:
        for asked in dict.fromkeys((plain, plain.partition(".")[0])):
            try:
                if get is not None and get(asked) is not None:
                    return
            except Exception:  # noqa: BLE001, S112 - a source that is away knows nothing
                continue


def forget_secrets() -> None:
    """Forget every secret of this process."""
    global _known, _inside
    with _lock:
        _known, _inside = frozenset(), None
        _named.clear()


def spellings(text: str) -> dict[str, str]:
    """Return a text as it is (under ""), and as it looks in JSON, a repr, a URL and HTML.

    Also as JSON and reprs look in one another. A spelling that is like another one is left out.
    """
    from urllib.parse import quote, quote_plus  # noqa: PLC0415 - only where there are secrets

    found = {"": text}
    for name, spell in _ESCAPES.items():
        found[name] = spell(text)
        found.update({f"{name}.{over}": again(found[name]) for over, again in _ESCAPES.items()})
    found["url"] = quote(text, safe="", errors="replace")
    found["path"] = quote(text, errors="replace")
    found["form"] = quote_plus(text, errors="replace")
    found["html"] = text.translate(_HTML)
    return {name: spelt for spelt, name in {s: n for n, s in reversed(found.items())}.items()}


def _in_repr(text: str) -> str:
    """Spell as in the repr of a text with both quotes in it: the single ones are escaped."""
    return repr("'\"" + text)[len("'\\'\"") : -1]


_ESCAPES: dict[str, Callable[[str], str]] = {
    "json": lambda text: json.dumps(text)[1:-1],
    "letters": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "repr": _in_repr,
    "quoted": lambda text: "'".join(repr(part)[1:-1] for part in text.split("'")),
}
_HTML = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
)  # as html.escape does


def redacted(value: T) -> T:
    """Return `value` with every secret in it replaced; the same object when it holds none."""
    return _redacted(value) if _known else value


def _redacted(value: T) -> T:
    changed: object = value
    if isinstance(value, str):
        changed = _text(value)
    elif isinstance(value, bytes):
        changed = _bytes(value)
    elif isinstance(value, dict):
        clean = {_redacted(key): _redacted(item) for key, item in value.items()}
        changed = _same_content(value, clean)
    elif type(value) in (list, tuple, set, frozenset):
        changed = _same_content(value, type(value)(_redacted(item) for item in value))  # type: ignore[attr-defined, call-arg]  # one of the four
    return changed  # type: ignore[return-value]  # of the type it had


def _same_content(old: object, new: object) -> object:
    return old if old == new else new


def _text(text: str) -> str:
    if text in _known:
        return HIDDEN
    return _inside.sub(HIDDEN, text) if _inside else text


def _bytes(data: bytes) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    clean = _text(text)
    return data if clean is text or clean == text else clean.encode("utf-8", "surrogateescape")


def _spelt_names(named: dict[str, object]) -> Iterable[tuple[str, str]]:
    for name, value in named.items():
        texts = [value] if isinstance(value, str) else []
        if isinstance(value, (int, float)) and len(str(value)) > SHORTEST:
            texts = [str(value)]
        for text in filter(str.strip, texts):
            for spelling, spelt in spellings(text).items():
                yield f"{name}~{spelling}" if spelling else name, spelt


def _strings(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "surrogateescape")
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, (int, float)) and len(str(value)) > SHORTEST:
        yield str(value)


def _pattern(values: frozenset[str]) -> re.Pattern[str] | None:
    """Match the longest first, so that a secret that begins another one hides no half of it."""
    long = sorted((v for v in values if len(v) >= SHORTEST), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, long))) if long else None
