"""Which long-term memory a setting asks for: types by name, their settings, and making one."""

from __future__ import annotations

import os
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.memory.long import LongTermMemoryBackend

# type -> (module below this package, class, the settings its constructor is told, by our name)
_TYPES: dict[str, tuple[str, str, dict[str, str]]] = {
    "sqlite": ("sqlite", "SQLiteBackend", {"path": "db_path", "ltm_path": "db_path"}),
    "duckdb": ("duckdb", "DuckDBBackend", {"path": "db_path", "ltm_path": "db_path"}),
    "sqlalchemy": ("sql", "SQLAlchemyBackend", {"uri": "url", "connection_string": "url"}),
    "blob": ("blob", "BlobBackend", {"uri": "path", "url": "path"}),
    "hierarchical": ("hierarchy", "HierarchicalBackend", {"uri": "url", "path": "url"}),
}
_SAME = {"postgres": "sqlalchemy", "postgresql": "sqlalchemy", "sql": "sqlalchemy"}
_MORE: dict[str, Callable[..., LongTermMemoryBackend]] = {}
_NOT_OURS = {"backend", "type", "enabled"}
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def create_ltm_backend(backend_type: str = "sqlite", **settings: Any) -> LongTermMemoryBackend:  # noqa: ANN401 - each type has its own settings
    """Make the backend of a type; `ValueError` names the types there are."""
    kind = _SAME.get(backend_type.lower(), backend_type.lower())
    if kind in _MORE:
        return _MORE[kind](**settings)
    if kind not in _TYPES:
        raise UnknownBackendError(
            f"Unknown LTM backend: '{backend_type}'. Available backends: {available_backends()}",
            backend=backend_type,
        )
    module, name, renamed = _TYPES[kind]
    made = getattr(import_module(f"codeanatomy.workflow.memory.{module}"), name)
    backend: LongTermMemoryBackend = made(**{renamed.get(k, k): v for k, v in settings.items()})
    return backend


def parse_backend_config(settings: Mapping[str, Any] | None) -> tuple[str, dict[str, Any]]:
    """Return the type and the constructor's settings that a `settings.ltm` asks for."""
    given = expand_env_vars(dict(settings or {}))
    kind = str(given.get("backend") or given.get("type") or "sqlite").lower()
    plain = {key: value for key, value in given.items() if key not in _NOT_OURS}
    nested = plain.pop(kind, None)
    return kind, {**plain, **nested} if isinstance(nested, dict) else plain


def expand_env_vars(value: Any) -> Any:  # noqa: ANN401 - any settings value
    """Replace `${NAME}` and `${NAME:-default}` in all texts; an unset name is left as it is."""
    if isinstance(value, dict):
        return {key: expand_env_vars(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [expand_env_vars(inner) for inner in value]
    return _VARIABLE.sub(_looked_up, value) if isinstance(value, str) else value


def register_backend(name: str, make: Callable[..., LongTermMemoryBackend]) -> None:
    """Add a type of one's own; it wins over a built-in one of that name."""
    _MORE[name.lower()] = make


def available_backends() -> list[str]:
    """Name every type, sorted."""
    return sorted({*_TYPES, *_MORE})


class UnknownBackendError(UnknownNameError, ValueError):
    """No long-term memory has this type."""

    code = "memory-backend"


def _looked_up(found: re.Match[str]) -> str:
    name, default = found.groups()
    return os.environ.get(name, found.group(0) if default is None else default)
