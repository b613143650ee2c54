"""Pieces of Markdown that the reference pages are made of: signatures, tables, sections."""

from __future__ import annotations

import inspect
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WRITTEN = "<!-- Written by `python3 dev.py docs` from the declarations; edit those. -->"


def page(title: str, sentence: str, sections: Iterable[str]) -> str:
    """Return a page: its title, what it lists, and its sections."""
    return "\n\n".join([f"# {title}", WRITTEN, sentence, *sections]) + "\n"


def grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; bars in its cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )


def quoted(listed: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the rows of a table of words and their meanings."""
    return [(f"`{word}`", meaning) for word, meaning in listed.items()]


def code(text: str) -> str:
    """Return a block of Python."""
    return f"```py\n{text}\n```"


def public(name: str, thing: Any) -> str:  # noqa: ANN401 - a class, a function or a value
    """Return the section of a public name: signature, docstring, and a class's members."""
    parts = [f"## {name}"]
    if inspect.isclass(thing) and issubclass(thing, Enum):
        parts.append(code("\n".join(f"{one} = {one.value!r}" for one in thing)))
        return "\n\n".join([*parts, inspect.getdoc(thing) or ""])
    if callable(thing):
        parts.append(code(f"{name}{signature(thing)}"))
        parts.append(inspect.getdoc(thing) or "")
    else:
        parts.append(code(f"{name} = {thing!r}"))
    if inspect.isclass(thing) and not issubclass(thing, BaseException):
        parts += [_member(name, key, value) for key, value in _members(thing)]
    return "\n\n".join(part for part in parts if part)


class _Plain(str):
    """An annotation that is printed without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def signature(thing: Any, leave: Iterable[str] = ("self", "cls")) -> str:  # noqa: ANN401 - anything that can be called
    """Write a signature without quotes around its annotations, and without some parameters."""
    try:
        found = inspect.signature(thing)
    except ValueError:  # some classes written in C have none
        return "(...)"
    parameters = [
        p.replace(annotation=_plain(p.annotation), default=_named(p.default))
        for p in found.parameters.values()
        if p.name not in leave
    ]
    return str(
        found.replace(parameters=parameters, return_annotation=_plain(found.return_annotation))
    )


def _plain(annotation: Any) -> Any:  # noqa: ANN401 - as `inspect` has it
    return _Plain(annotation) if isinstance(annotation, str) else annotation


def _named(default: Any) -> Any:  # noqa: ANN401 - of any type
    """Let a default that is a function be shown by its name, not by its address."""
    return _Plain(default.__qualname__) if inspect.isroutine(default) else default


def _members(thing: type) -> list[tuple[str, Any]]:
    return [
        (key, value)
        for key, value in vars(thing).items()
        if not key.startswith("_")
        and (callable(value) or isinstance(value, property | classmethod | staticmethod))
    ]


def _member(owner: str, name: str, value: Any) -> str:  # noqa: ANN401 - what a class holds
    call = "" if isinstance(value, property) else signature(getattr(value, "__func__", value))
    told = f"### {owner}.{name}\n\n{code(f'{name}{call}')}"
    return f"{told}\n\n{inspect.getdoc(value) or ''}".rstrip()
