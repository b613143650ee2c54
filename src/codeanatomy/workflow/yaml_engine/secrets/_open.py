"""From `settings.secrets` to a source of secrets, and the mapping that templates read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from codeanatomy.kernel import catalog
from codeanatomy.kernel.errors import MissingPartError, UnknownNameError
from codeanatomy.workflow.yaml_engine import secrets as folder

if TYPE_CHECKING:
    from types import ModuleType

_OTHER_NAMES = {
    "aws_secrets_manager": "aws",
    "azure_keyvault": "azure",
    "google": "gcp",
    "hashicorp": "vault",
    "environment": "env",
}


class Source(Protocol):
    """What every source of secrets can do; each file here has one, as `open_source(options)`."""

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - a text or a document
        """Return a secret, or the default when the source has none of that name."""
        ...

    def names(self) -> list[str]:
        """Return the names of the secrets that can be listed."""
        ...


def open_source(settings: Mapping[str, Any]) -> Source:
    """Open the source that `settings.secrets` names; its options stand beside or below the name."""
    backend = str(settings.get("backend") or settings.get("type") or "env").lower()
    name = _OTHER_NAMES.get(backend, backend)
    known = sorted(catalog.files_in(folder))
    if name not in known:
        raise UnknownNameError(f"no secrets backend {backend!r}; there are: {', '.join(known)}")
    own = settings.get(backend)
    options = {**settings, **own} if isinstance(own, Mapping) else dict(settings)
    source: Source = catalog.load(folder, name, "open_source")(options)
    return source


def needs(module: str, extra: str) -> ModuleType:
    """Import the library of a source, or say which extra brings it."""
    from importlib import import_module  # noqa: PLC0415 - only when a source asks

    try:
        return import_module(module)
    except ImportError as error:
        raise MissingPartError(
            f"{module} is not installed; `pip install codeanatomy[{extra}]` installs it",
            module=module,
            extra=extra,
        ) from error


class Secrets(Mapping[str, Any]):
    """The secrets of a file by name: given ones first, then those of its source, read when asked.

    Every value that is handed out is told to `tell` with its name, so that logs, traces and
    journals can leave it out.
    """

    def __init__(
        self,
        given: Mapping[str, Any],
        source: Source | None = None,
        tell: Callable[[str, Any], None] | None = None,
    ) -> None:
        self._given = dict(given)
        self._source = source
        self._tell = tell
        if tell is not None:
            for name, value in self._given.items():
                tell(name, value)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a text or a document
        if name in self._given:
            return self._given[name]
        found = None if self._source is None else self._source.get(name)
        if found is None:
            raise KeyError(name)
        if self._tell is not None:
            self._tell(name, found)
        return found

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - the default is of any type
        """Return a secret, or the default; templates may call this, not a method of Python's."""
        try:
            return self[name]
        except KeyError:
            return default

    def has(self, name: str) -> bool:
        """Tell whether there is a secret of that name."""
        return name in self

    def __iter__(self) -> Iterator[str]:
        yield from self._given
        if self._source is not None:
            yield from (name for name in self._source.names() if name not in self._given)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return "Secrets(...)"
