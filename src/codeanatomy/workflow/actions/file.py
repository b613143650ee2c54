"""Reading and writing a file, wherever fsspec reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _paths
from codeanatomy.workflow.actions._results import Failed, Result, err, ok, storage_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""

    def read(
        state: dict[str, Any],
        path: str,
        stream: bool = False,
        encoding: str = "utf-8",
        cache: str | None = None,
        **_: object,
    ) -> Result:
        """Return the text of a file, or with `stream` the open file."""
        return _attempt("read_error", path, lambda: _read(host, path, stream, encoding, cache))

    def write(
        state: dict[str, Any],
        path: str,
        content: str | bytes | Iterable[str | bytes],
        stream: bool = False,
        **_: object,
    ) -> Result:
        """Write a text, or with `stream` its pieces; folders above are made."""
        return _attempt("write_error", path, lambda: _write(host, path, content, stream))

    return {"file.read": read, "file.write": write}


def _read(host: Host, path: object, stream: bool, encoding: str, cache: str | None) -> Result:
    place = _paths.find(host, path, cache=cache)
    opened = place.fs.open(place.path, "r", encoding=encoding)
    if stream:
        return ok(file=opened)
    with opened:
        return ok(content=opened.read())


def _write(
    host: Host, path: object, content: str | bytes | Iterable[str | bytes], stream: bool
) -> Result:
    place = _paths.find(host, path)
    place.make_parent()
    pieces = content if stream and not isinstance(content, str | bytes) else (content,)
    with place.fs.open(place.path, "wb") as opened:
        for piece in pieces:
            opened.write(piece if isinstance(piece, bytes) else str(piece).encode())
    return {"path": place.text, "success": True}


def _attempt(fallback: str, path: object, work: Callable[[], Result]) -> Result:
    text = _paths.normal(path)
    try:
        return work()
    except Failed as failed:
        return failed.result
    except FileNotFoundError:
        return err(f"File not found: {text}", "not_found")
    except PermissionError as error:
        return err(f"Permission denied: {text} ({error})", "permission_denied")
    except Exception as error:
        kind = storage_kind(error, fallback)
        known = {"permission_denied", "not_found", "bucket_not_found", "missing_credentials"}
        return err(f"{path}: {error}", kind if kind in known else fallback)
