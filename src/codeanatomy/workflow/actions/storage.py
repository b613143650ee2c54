"""Files and folders of any file system that fsspec reaches: list, copy, delete, hash ..."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _paths
from codeanatomy.workflow.actions._results import Failed, Result, attempt, err, ok

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._paths import Place
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_ALGORITHMS = ("sha256", "md5", "blake2b")
_SHOWN = 20  # operations named in an error
_OF_THE_RUN = {"config", "node", "graph", "parallel_results"}


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""

    def listing(
        state: State, path: str, detail: bool = False, max_results: int | None = None, **_: object
    ) -> Result:
        """List what a folder holds, by name or with details."""
        return attempt("list_error", lambda: _list(host, path, detail, max_results))

    def exists(state: State, path: str, **_: object) -> Result:
        """Tell whether something is there."""
        return attempt("exists_error", lambda: _exists(host, path))

    def delete(state: State, path: str, recursive: bool = False, **_: object) -> Result:
        """Delete a file, or a folder with `recursive`."""
        return attempt("delete_error", lambda: _delete(host, path, recursive))

    def copy(state: State, source: str, destination: str, **_: object) -> Result:
        """Copy a file, also from one file system to another."""
        return attempt("copy_error", lambda: _copy(host, source, destination))

    def info(state: State, path: str, **_: object) -> Result:
        """Tell size, type and what else the file system knows."""
        return attempt("info_error", lambda: _info(host, path))

    def mkdir(state: State, path: str, exist_ok: bool = True, **_: object) -> Result:
        """Make a folder, and those above it."""
        return attempt("mkdir_error", lambda: _mkdir(host, path, exist_ok))

    def native(state: State, path: str, operation: str, **kwargs: object) -> Result:
        """Call an operation of the file system by its own name."""
        return attempt("native_error", lambda: _native(host, path, operation, kwargs))

    def hashed(state: State, path: str, algorithm: str = "sha256", **_: object) -> Result:
        """Hash the content of a file, piece by piece."""
        return _hash(host, path, algorithm)

    return {
        "storage.list": listing,
        "storage.exists": exists,
        "storage.delete": delete,
        "storage.copy": copy,
        "storage.info": info,
        "storage.mkdir": mkdir,
        "storage.native": native,
        "storage.hash": hashed,
    }


def _list(host: Host, path: object, detail: bool, limit: int | None) -> Result:
    place = _paths.find(host, path)
    files = list(place.fs.ls(place.path, detail=detail))
    if limit is not None:
        files = files[:limit]
    return ok(files=files, count=len(files))


def _exists(host: Host, path: object) -> Result:
    place = _paths.find(host, path)
    return ok(exists=bool(place.fs.exists(place.path)), path=place.text)


def _delete(host: Host, path: object, recursive: bool) -> Result:
    place = _present(host, path)
    if place.fs.isdir(place.path) and not recursive:
        place.fs.rmdir(place.path)
    else:
        place.fs.rm(place.path, recursive=recursive)
    return ok(deleted=True, path=place.text)


def _copy(host: Host, source: object, destination: object) -> Result:
    here, there = _present(host, source), _paths.find(host, destination)
    there.make_parent()
    if here.fs == there.fs:
        here.fs.copy(here.path, there.path)
    else:
        with here.fs.open(here.path, "rb") as old, there.fs.open(there.path, "wb") as new:
            shutil.copyfileobj(old, new)
    return ok(copied=True, source=here.text, destination=there.text)


def _info(host: Host, path: object) -> Result:
    place = _present(host, path)
    return ok(info=dict(place.fs.info(place.path)), path=place.text)


def _mkdir(host: Host, path: object, exist_ok: bool) -> Result:
    place = _paths.find(host, path)
    if place.fs.exists(place.path):
        if not exist_ok:
            raise Failed(f"Path already exists: {place.text}", "exists")
        return ok(created=False, already_exists=True, path=place.text)
    try:
        place.fs.makedirs(place.path, exist_ok=exist_ok)
    except NotImplementedError:
        note = "this file system has no folders; they come with the first file"
        return ok(created=True, path=place.text, note=note)
    return ok(created=True, path=place.text)


def _native(host: Host, path: object, operation: str, kwargs: dict[str, object]) -> Result:
    if host.settings.get("file_root"):
        told = "storage.native is off while settings.file_root is set"
        raise Failed(told, "permission_denied", path=str(path), operation=operation)
    place = _paths.find(host, path)
    if operation.startswith("_") or not hasattr(place.fs, operation):
        raise Failed(
            f"Operation '{operation}' not found on this file system",
            "operation_not_found",
            available_operations=_operations(place.fs),
        )
    call = getattr(place.fs, operation)
    if not callable(call):
        raise Failed(f"'{operation}' is no operation but a value", "operation_not_callable")
    given = {name: value for name, value in kwargs.items() if name not in _OF_THE_RUN}
    try:
        result = call(place.path, **given)
    except TypeError:
        result = call(**given)
    return ok(result=result, operation=operation, path=place.text)


def _operations(fs: object) -> list[str]:
    public = (name for name in dir(type(fs)) if not name.startswith("_"))
    return [name for name in public if callable(getattr(type(fs), name))][:_SHOWN]


def _present(host: Host, path: object) -> Place:
    place = _paths.find(host, path)
    if not place.fs.exists(place.path):
        raise Failed(f"Path not found: {place.text}", "not_found")
    return place


def _hash(host: Host, path: str, algorithm: str) -> Result:
    if not path:
        return err("path is required", "validation_error")
    name = algorithm if algorithm in _ALGORITHMS else "sha256"
    try:
        place = _paths.find(host, path)
        with place.fs.open(place.path, "rb") as opened:
            digest, size = _digest(opened, name)
    except Failed as failed:
        missing = failed.result["error_type"] == "backend_not_installed"
        return err(str(failed), "dependency_error" if missing else "file_error", path=str(path))
    except Exception as error:
        return err(f"Cannot read {path}: {error}", "file_error", path=str(path))
    return ok(hash=digest, algorithm=name, size_bytes=size, path=place.text)


def _digest(opened: Any, name: str) -> tuple[str, int]:
    digest, size = hashlib.new(name, usedforsecurity=False), 0
    while piece := opened.read(1 << 20):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size
