"""From the text of a YAML scalar to its value, by the rules of YAML 1.1 as PyYAML has them."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import yaml
from yaml.constructor import ConstructorError, SafeConstructor
from yaml.resolver import Resolver

MAX_DIGITS: Final = 4300  # as many as Python itself reads

_PREFIX = "tag:yaml.org,2002:"
_TRUE = "yes Yes YES true True TRUE on On ON".split()
_FALSE = "no No NO false False FALSE off Off OFF".split()
_WORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(_TRUE, True),
    **dict.fromkeys(_FALSE, False),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
}
_NUMERIC: Final = frozenset("0123456789+-.")
_RESOLVERS = {
    first: [(tag.removeprefix(_PREFIX), pattern) for tag, pattern in rows]
    for first, rows in Resolver.yaml_implicit_resolvers.items()
    if first in _NUMERIC
}
_CONSTRUCT = SafeConstructor()


def plain_value(text: str) -> Any:  # noqa: ANN401 - the value decides
    """Return the value of a scalar without quotes and without a tag; ValueError if too long."""
    if text[:1] in _NUMERIC:
        for tag, pattern in _RESOLVERS.get(text[:1], ()):
            if pattern.match(text):
                return tagged_value(tag, text)
        return text
    return _WORDS.get(text, text) if len(text) < _LONGEST else text


def tagged_value(tag: str, text: str) -> Any:  # noqa: ANN401 - the tag decides
    """Return the value of a scalar with a standard tag; KeyError for any other."""
    kind = tag.removeprefix(_PREFIX)
    if kind in {"str", "merge", "value", "!"}:
        return text
    if kind not in _KINDS:
        raise KeyError(tag)
    if kind in {"int", "float"} and len(text) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} digits is longer than {MAX_DIGITS}")
    try:
        return _KINDS[kind](yaml.ScalarNode(_PREFIX + kind, text))
    except (ConstructorError, AttributeError, LookupError) as exc:
        raise ValueError(f"{text[:40]!r} is not of the type {kind!r}") from exc


_LONGEST: Final = max(map(len, _WORDS)) + 1
_KINDS: Final = {
    "int": _CONSTRUCT.construct_yaml_int,
    "float": _CONSTRUCT.construct_yaml_float,
    "bool": _CONSTRUCT.construct_yaml_bool,
    "null": _CONSTRUCT.construct_yaml_null,
    "timestamp": _CONSTRUCT.construct_yaml_timestamp,
    "binary": _CONSTRUCT.construct_yaml_binary,
}


def loader() -> Any:  # noqa: ANN401 - one of PyYAML's loader classes
    """Return the fast loader where PyYAML was built with libyaml, else the slow one."""
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def shown_key(key: object) -> str:
    """Return a key as a person wrote it, cut to a readable length."""
    text = key.isoformat() if isinstance(key, date) else str(key)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - a line of a message
