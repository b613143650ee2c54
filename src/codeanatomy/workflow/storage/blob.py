"""Files below one root on any file system that fsspec reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class BlobStorage:
    """Reads, writes and moves whole files; a name is a path below the root, and stays there."""

    def __init__(self, root: str | Path) -> None:
        import fsspec  # noqa: PLC0415 - heavy, and only who stores blobs needs it

        self._fs, self._root = fsspec.url_to_fs(str(root))
        self._root = self._root.rstrip("/")

    def read(self, name: str) -> bytes:
        """Return a file's bytes; FileNotFoundError when it is not there."""
        found: bytes = self._fs.cat_file(self._at(name))
        return found

    def write(self, name: str, data: bytes) -> None:
        """Store bytes under a name; a file of that name is replaced."""
        path = self._at(name)
        self._make_parent(path)
        self._fs.pipe_file(path, data)

    def exists(self, name: str) -> bool:
        """Tell whether there is a file of that name."""
        return bool(self._fs.isfile(self._at(name)))

    def names(self, folder: str) -> list[str]:
        """Return the names of all files below a folder, sorted."""
        path = self._at(folder)
        if not self._fs.isdir(path):
            return []
        return sorted(self._name(found) for found in self._fs.find(path))

    def move(self, source: str, destination: str) -> None:
        """Give a file another name."""
        target = self._at(destination)
        self._make_parent(target)
        self._fs.mv(self._at(source), target)

    def delete(self, name: str) -> bool:
        """Delete a file; tell whether there was one."""
        if not self.exists(name):
            return False
        self._fs.rm_file(self._at(name))
        return True

    def _at(self, name: str) -> str:
        parts = name.replace("\\", "/").split("/")
        if not name or ".." in parts or parts[0] == "" or "\0" in name:
            raise ValueError(f"{name!r} is no name below the root; it must look like folder/file")
        return f"{self._root}/{name}"

    def _name(self, path: Any) -> str:  # noqa: ANN401 - fsspec ships no types
        return str(path).removeprefix(self._root).lstrip("/")

    def _make_parent(self, path: str) -> None:
        self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)
