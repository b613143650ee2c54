"""From the path in an agent file to a file system and a path on it, inside the declared root."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from codeanatomy.workflow.actions._results import Failed

if TYPE_CHECKING:
    from codeanatomy.workflow.host import Host

_PACKAGES = {
    "s3": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "sftp": "sshfs",
    "ssh": "sshfs",
}
_REPOSITORIES = ("github://", "gitlab://")


class Place(NamedTuple):
    """A path on a file system; `text` is how people see it."""

    fs: Any
    path: str
    text: str

    def make_parent(self) -> None:
        """Create the folders above, where the file system has folders."""
        parent = self.fs._parent(self.path)  # noqa: SLF001 - fsspec has no public name for it
        if parent and parent != self.path:
            self.fs.makedirs(parent, exist_ok=True)


def normal(path: object) -> str:
    """Return `path` as a text without a `file://` in front."""
    return str(path).removeprefix("file://")


def find(host: Host, path: object, *, cache: str | None = None) -> Place:
    """Return where `path` is; `cache` is fsspec's cache in front of a remote file system.

    Raises Failed: backend_not_installed, filesystem_error, invalid_url, permission_denied.
    """
    text = normal(path)
    check_root(host, text)
    if text.startswith(_REPOSITORIES):
        from codeanatomy.workflow.actions._repository import open_repository

        return Place(*open_repository(text), text)
    import fsspec

    remote = "://" in text
    url = f"{cache}cache::{text}" if remote and cache in {"simple", "file", "block"} else text
    try:
        fs, inner = fsspec.url_to_fs(url)
    except ImportError as error:
        raise _not_installed(text, error) from error
    except Exception as error:
        raise Failed(
            f"Cannot open a file system for {text}: {error}", "filesystem_error"
        ) from error
    if not remote:
        check_root(host, str(inner))  # fsspec reads `file:x` and `local:x` as the path x
    return Place(fs, inner, text)


def check_root(host: Host, path: object) -> None:
    """Raise Failed (permission_denied) for what lies outside `settings.file_root`, if it is set."""
    text, root = normal(path), host.settings.get("file_root")
    if not isinstance(root, str) or not root:
        return
    root = normal(root)
    try:
        inside = _below_url(root, text) if "://" in root else _below_folder(root, text)
    except (ValueError, OSError, RuntimeError):  # no path at all
        inside = False
    if not inside:
        raise Failed(f"{text} lies outside settings.file_root ({root})", "permission_denied")


def _not_installed(text: str, error: ImportError) -> Failed:
    protocol = text.rsplit("::", maxsplit=1)[-1].partition("://")[0]
    azure = protocol.startswith(("abfs", "wasb"))
    package = "adlfs" if azure else _PACKAGES.get(protocol, protocol)
    told = f"{protocol}:// needs a package that is not installed: pip install {package} ({error})"
    return Failed(told, "backend_not_installed")


def _below_url(root: str, text: str) -> bool:
    parts = re.split(r"[/\\]", unquote(unquote(text)))
    return text.startswith(root.rstrip("/") + "/") and ".." not in parts


def _below_folder(root: str, text: str) -> bool:
    if "://" in text or "::" in text:
        return False
    return Path(text).expanduser().resolve().is_relative_to(Path(root).expanduser().resolve())
