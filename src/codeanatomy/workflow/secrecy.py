"""How what is stored is kept free of secrets: a marker stands in the place of each.

A journal's own secrets have names and are put back when a run goes on in a process that knows
them; those of the process (`redact.keep_secret`) have none and stay hidden.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codeanatomy.workflow.redact import (
    HIDDEN,
    SHORTEST,
    ask_for_secret,
    known_secrets,
    named_secrets,
    spellings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


class Secrets:
    """Names and values of secrets; a journal is written through it."""

    def __init__(self, values: Mapping[str, object] | None = None) -> None:
        self._values: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._bytes: tuple[bytes, ...] = ()
        self._pattern: re.Pattern[str] | None = None
        self._shared: frozenset[str] = frozenset()
        for name, value in (values or {}).items():
            self.add(name, value)

    def add(self, name: str, value: object) -> None:
        """Hide a value from now on; of a mapping or list, every value in it by its dotted path.

        Its other spellings, such as that in JSON, are hidden under `NAME~SPELLING`.
        """
        if isinstance(value, dict):
            for key, inner in value.items():
                self.add(f"{name}.{key}", inner)
        elif isinstance(value, list | tuple):
            for number, inner in enumerate(value):
                self.add(f"{name}.{number}", inner)
        elif value is not None and not isinstance(value, bool) and str(value).strip():
            for spelling, text in spellings(str(value)).items():
                self._values[f"{name}~{spelling}" if spelling else name] = text
            self._learn()

    def inside(self, data: bytes) -> bool:
        """Say whether bytes may hold a secret."""
        if known_secrets() is not self._shared:
            self._learn()
        return any(value in data for value in self._bytes)

    def split(self, text: str) -> list[str | tuple[str]] | None:
        """Split a text into what may be written and `(name,)` of secrets; None without any."""
        if text in self._names:
            return [(self._names[text],)]
        if self._pattern is None:
            return None
        pieces = self._pattern.split(text)
        if len(pieces) == 1:
            return None
        return [
            (self._names[piece],) if number % 2 else piece
            for number, piece in enumerate(pieces)
            if piece
        ]

    def clean(self, text: str) -> str:
        """Return a text with markers where secrets were."""
        if known_secrets() is not self._shared:
            self._learn()
        pieces = self.split(text)
        if pieces is None:
            return text
        return "".join(piece if isinstance(piece, str) else marker(piece[0]) for piece in pieces)

    def value(self, name: str) -> str | None:
        """Return the secret of that name, if it is known here."""
        found = self._values.get(name, named_secrets().get(name))
        if found is None and name:
            ask_for_secret(name)
            found = self._values.get(name, named_secrets().get(name))
        return found

    def _learn(self) -> None:
        self._shared = known_secrets()
        self._names = dict.fromkeys(self._shared, "")
        self._names.update({value: name for name, value in named_secrets().items()})
        self._names.update({value: name for name, value in self._values.items()})
        self._bytes = tuple(value.encode("utf-8", "surrogatepass") for value in self._names)
        long = sorted((v for v in self._names if len(v) >= SHORTEST), key=len, reverse=True)
        self._pattern = re.compile(f"({'|'.join(map(re.escape, long))})") if long else None


def marker(name: str) -> str:
    """Return what is shown in place of a secret."""
    return f"[secret:{name}]" if name else HIDDEN
