"""Lays one file over another: mappings are merged, single values and most lists replaced."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.workflow.load.errors import YamlLimitError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

DELETE: Final = "__delete__"
_DEEPEST: Final = 200

# lists that are merged entry by entry, with the keys that tell which entry is which
_IDENTITIES: Final[dict[str, tuple[str, ...]]] = {
    "nodes": ("name",),
    "edges": ("from", "to"),
    "goto": ("to",),
}


def deep_merge(base: Any, overlay: Any) -> Any:  # noqa: ANN401 - values of a file
    """Return `overlay` laid over `base`; neither is changed, and the result shares nothing.

    Mappings are merged key by key, null replaces, other values and lists replace, except nodes
    (found by name), edges (by from and to) and goto rules (by to). An entry with
    `__delete__: true` takes away the one it stands for.
    """
    return _merged(base, overlay, None, 0)


def merge_all(values: Iterable[Any]) -> Any:  # noqa: ANN401 - values of files
    """Lay each value over those before it; nothing gives an empty mapping."""
    result: Any = {}
    for value in values:
        result = deep_merge(result, value)
    return result


def _merged(base: Any, overlay: Any, key: Any, depth: int) -> Any:  # noqa: ANN401 - as above
    if depth > _DEEPEST:
        raise YamlLimitError(f"values are nested deeper than {_DEEPEST}")
    if isinstance(overlay, dict):
        return _mapping(base if isinstance(base, dict) else {}, overlay, depth)
    if isinstance(overlay, list):
        identity = _IDENTITIES.get(key) if isinstance(key, str) else None
        if identity and isinstance(base, list) and _all_named(base, overlay, identity):
            return _entries(base, overlay, identity, depth)
        return [_merged(None, item, None, depth + 1) for item in overlay if not _is_deleted(item)]
    return deepcopy(overlay)


def _mapping(base: dict[Any, Any], overlay: dict[Any, Any], depth: int) -> dict[Any, Any]:
    result = {k: deepcopy(v) for k, v in base.items() if k not in overlay}
    order = [k for k in base if k not in overlay or not _is_deleted(overlay[k])]
    for key, value in overlay.items():
        if key == DELETE and isinstance(value, bool):
            continue
        if not _is_deleted(value):
            result[key] = _merged(base.get(key), value, key, depth + 1)
    placed = {key: result[key] for key in order if key in result}
    return {**placed, **result}


def _entries(
    base: list[Any], overlay: list[Any], identity: tuple[str, ...], depth: int
) -> list[Any]:
    """Merge each entry into the first of the same identity that none before it took."""
    result: list[Any] = [*base]
    taken = [False] * len(base)
    names = [_identity(entry, identity) for entry in base]
    for entry in overlay:
        name = _identity(entry, identity)
        found = next((i for i, n in enumerate(names) if n == name and not taken[i]), None)
        if found is None:
            if not _is_deleted(entry):
                result.append(_merged(None, entry, None, depth + 1))
            continue
        taken[found] = True
        deleted = _is_deleted(entry)
        result[found] = _GONE if deleted else _merged(base[found], entry, None, depth + 1)
    untouched: Callable[[int], bool] = lambda i: i < len(base) and not taken[i]  # noqa: E731 - read in one place
    return [
        deepcopy(entry) if untouched(i) else entry
        for i, entry in enumerate(result)
        if entry is not _GONE
    ]


_GONE: Final = object()


def _all_named(base: list[Any], overlay: list[Any], identity: tuple[str, ...]) -> bool:
    return all(
        isinstance(entry, dict) and all(key in entry for key in identity)
        for entry in (*base, *overlay)
    )


def _identity(entry: dict[str, Any], identity: tuple[str, ...]) -> Hashable:
    return tuple(repr(entry[key]) for key in identity)


def _is_deleted(value: Any) -> bool:  # noqa: ANN401 - as above
    return isinstance(value, dict) and value.get(DELETE) is True
