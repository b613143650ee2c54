"""The settings of an agent file by section, and the environment names that the file declares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable

_VARIABLE = re.compile(r"\$\{(\w+)(?::-[^}]*)?\}")
_NAMED = r"""\b{}(?:\.(?:get\(\s*['"])?|\[\s*['"])([A-Za-z_][A-Za-z0-9_]*)"""


class DeclaredEnv(Mapping[str, str]):
    """`env` of the templates: only names that the file itself spells out are ever read.

    A file declares a name by writing it: `env.NAME` in a template, `${NAME}` in its settings, or a
    list under `settings.env`. A name that comes out of state is not there.
    """

    def __init__(self, definition: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self._definition = definition
        self._environ = environ
        self._declared: frozenset[str] | None = None

    @property
    def declared(self) -> frozenset[str]:
        """The names the file spells out; read when first asked for."""
        if self._declared is None:
            self._declared = frozenset(_declared(self._definition))
        return self._declared

    def __getitem__(self, name: str) -> str:
        if name not in self.declared:
            raise KeyError(name)
        return self._environ[name]

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - the default is of any type
        """Return a variable, or the default; templates may call this, not a method of Python's."""
        try:
            return self[name]
        except KeyError:
            return default

    def __iter__(self) -> Iterator[str]:
        return (name for name in sorted(self.declared) if name in self._environ)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _declared(definition: Mapping[str, Any]) -> Iterator[str]:
    settings = definition.get("settings")
    if isinstance(settings, Mapping):
        listed = settings.get("env")
        if isinstance(listed, (list, dict)):
            yield from map(str, listed)
        for text in _texts(settings):
            yield from (found[1] for found in _VARIABLE.finditer(text))
    yield from names_spelled(definition, "env")


def names_spelled(definition: Mapping[str, Any], space: str) -> Iterator[str]:
    """Give the names that the texts of a file spell out below `env` or `secrets`."""
    named = re.compile(_NAMED.format(space))
    for text in _texts(definition):
        if space in text:
            yield from (found[1] for found in named.finditer(text))


def _texts(value: object) -> Iterator[str]:
    """Every text in a YAML value, keys left out."""
    pending: list[object] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)


def mapping_of(holder: Mapping[str, Any], name: str, where: str = "") -> dict[str, Any]:
    """Return the mapping under a name: {} when it is absent; what is no mapping is refused."""
    value = holder.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise SpecError(f"{where}'{name}' must be a mapping, got {type(value).__name__}")
    return value


def listed(holder: Mapping[str, Any], name: str) -> list[Any]:
    """Return the list under a name: [] when it is absent; what is no list is refused."""
    value = holder.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise SpecError(f"'{name}' must be a list, got {type(value).__name__}")
    return value


def section(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a section of the settings: {} when it is absent, `{"enabled": bool}` for a flag."""
    value = settings.get(name)
    if isinstance(value, bool):
        return {"enabled": value}
    return dict(value) if isinstance(value, Mapping) else {}


def without(options: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the options but for some names."""
    dropped = set(names)
    return {key: value for key, value in options.items() if key not in dropped}
