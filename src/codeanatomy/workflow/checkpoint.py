"""Checkpoints: a state and the node where its run goes on, as a file of data or in memory.

A file is whole or not there: it is written beside its place, synced, and given its name in one
step. Its name ends in `.pkl`, since people look for that; it holds no pickle.
"""

from __future__ import annotations

import re
import time
from hashlib import blake2b
from os import fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from codeanatomy.store.disk import Disk
from codeanatomy.workflow.errors import (
    CheckpointFormatError,
    CheckpointMissingError,
    StateBytesError,
    UnknownCheckpointError,
)
from codeanatomy.workflow.secrecy import Secrets
from codeanatomy.workflow.state import decode_value, encode, encode_value, join

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    State = dict[str, Any]

VERSION: Final = "1.0"
KEYS: Final = ("state", "node", "config", "timestamp", "version")
"""What a checkpoint is made of; `timestamp` is in seconds since 1970."""

_MAGIC: Final = b"codeanatomy checkpoint 1\n"
_DIGEST: Final = 16
_LONGEST_NAME: Final = 100
_LEFT: Final = "left"


class MemoryCheckpointer:
    """Checkpoints that live as long as this object; what is loaded is a copy."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def save(self, checkpoint_id: str, state: State, node: str, config: State | None = None) -> str:
        """Keep a state under an id; return the id. Raises `UnstorableError` naming the key."""
        self._kept[checkpoint_id] = pack(state, node, config)
        return checkpoint_id

    def load(self, checkpoint_id: str) -> State:
        """Return `state`, `node`, `config`, `timestamp`, `version`; KeyError for an unknown id."""
        return unpack(self._found(checkpoint_id), checkpoint_id)

    def list(self) -> list[str]:
        """Name the checkpoints, oldest first."""
        return [*self._kept]

    def delete(self, checkpoint_id: str) -> None:
        """Forget one; KeyError for an unknown id."""
        self._found(checkpoint_id)
        del self._kept[checkpoint_id]

    def clear(self) -> None:
        """Forget them all."""
        self._kept.clear()

    def _found(self, checkpoint_id: str) -> bytes:
        if checkpoint_id not in self._kept:
            raise UnknownCheckpointError(
                f"Checkpoint not found: {checkpoint_id}", checkpoint=checkpoint_id
            )
        return self._kept[checkpoint_id]


class FileCheckpointer:
    """Checkpoints as files of one folder; a written one never changes."""

    def __init__(self, folder: str | PathLike[str], disk: Disk | None = None) -> None:
        self.folder = Path(folder)
        self._disk = disk or Disk()

    def save(self, checkpoint_id: str, state: State, node: str, config: State | None = None) -> str:
        """Write a new file; return its path. `FileExistsError` if there is one of that id."""
        path = self._path(checkpoint_id)
        write_checkpoint(path, state, node, config, disk=self._disk, replace=False)
        return str(path)

    def load(self, checkpoint_id: str) -> State:
        """Read a file by its id, or by the path that `save` returned."""
        return read_checkpoint(self._path(checkpoint_id))

    def list(self) -> list[str]:
        """Name the checkpoints of the folder."""
        return sorted(path.stem for path in self.folder.glob("*.pkl"))

    def delete(self, checkpoint_id: str) -> None:
        """Take a file away; FileNotFoundError if it is not there."""
        path = self._path(checkpoint_id)
        if not path.is_file():
            raise CheckpointMissingError(f"Checkpoint file not found: '{path}'", path=str(path))
        self._disk.unlink(path)

    def _path(self, checkpoint_id: str) -> Path:
        name = Path(checkpoint_id).name.removesuffix(".pkl")
        return self.folder / f"{_plain(name)}.pkl"


def checkpoint_name(node: str, now: float) -> str:
    """Return a file name that no other checkpoint has: `NODE_MILLISECONDS_UNIQUE.pkl`.

    What a node's name has that a file name cannot is replaced by `_`.
    """
    return f"{_plain(node)}_{int(now * 1000)}_{uuid4().hex[:12]}.pkl"


def write_checkpoint(  # noqa: PLR0913 - what a checkpoint is made of, and how it is written
    path: str | PathLike[str],
    state: Mapping[str, object],
    node: str,
    config: Mapping[str, object] | None = None,
    *,
    timestamp: float | None = None,
    secrets: Secrets | None = None,
    disk: Disk | None = None,
    replace: bool = True,
    left: bool | None = None,
) -> None:
    """Write a checkpoint file durably, and the folders it needs.

    `left` says whether the node has run; without it, the graph that goes on is to judge that.
    Raises `UnstorableError` naming the key that holds no data, `StoreWriteError` where the file
    cannot be written. With `replace` the name may be given to a new checkpoint.
    """
    disk, target = disk or Disk(), Path(fspath(path))
    data = pack(state, node, config, timestamp=timestamp, secrets=secrets, left=left)
    _folder(disk, target.parent)
    beside = target.with_name(f".{uuid4().hex}.tmp")
    try:
        disk.write_bytes(beside, data)
        disk.fsync(beside)
        if replace:
            disk.rename(beside, target)
        else:
            disk.link(beside, target)
        disk.fsync_dir(target.parent)
    finally:
        disk.unlink(beside)


def read_checkpoint(
    path: str | PathLike[str], *, allow_pickle: bool = False, secrets: Secrets | None = None
) -> State:
    """Return `state`, `node`, `config`, `timestamp` and `version` of a file.

    Raises `CheckpointMissingError` (a FileNotFoundError) and `CheckpointFormatError` (a
    ValueError). With `allow_pickle`, a file of an older version is unpickled, which runs whatever
    code is in it.
    """
    target = Path(fspath(path))
    try:
        data = target.read_bytes()
    except FileNotFoundError:
        raise CheckpointMissingError(
            f"Checkpoint file not found: '{target}'", path=str(target)
        ) from None
    except OSError as error:
        raise CheckpointFormatError(
            f"Failed to read checkpoint file '{target}': {error}", path=str(target)
        ) from error
    return unpack(data, str(target), allow_pickle=allow_pickle, secrets=secrets)


def read_left(path: str | PathLike[str]) -> bool | None:
    """Return whether the node of a checkpoint file has run; None where the file does not say it."""
    data = Path(fspath(path)).read_bytes()
    if not data.startswith(_MAGIC):
        return None
    found = decode_value(data[len(_MAGIC) + _DIGEST :]).get(_LEFT)
    return found if isinstance(found, bool) else None


def convert_checkpoint(
    old: str | PathLike[str], new: str | PathLike[str], *, allow_pickle: bool
) -> None:
    """Write a checkpoint of an older version as data; `allow_pickle` says that it is trusted."""
    found = read_checkpoint(old, allow_pickle=allow_pickle)
    state, node, config = found["state"], found["node"], found["config"]
    write_checkpoint(new, state, node, config, timestamp=found["timestamp"])


def pack(
    state: Mapping[str, object],
    node: str,
    config: Mapping[str, object] | None = None,
    *,
    timestamp: float | None = None,
    secrets: Secrets | None = None,
    left: bool | None = None,
) -> bytes:
    """Return a checkpoint as bytes."""
    hidden = secrets or Secrets()
    body = join(
        {
            **({} if left is None else {_LEFT: encode_value(left)}),
            "state": encode(state, hidden),
            "node": encode_value(node, "node", hidden),
            "config": encode_value(dict(config or {}), "config", hidden),
            "timestamp": encode_value(time.time() if timestamp is None else timestamp),
            "version": encode_value(VERSION),
        }
    )
    return _MAGIC + _digest(body) + body


def unpack(
    data: bytes, name: str, *, allow_pickle: bool = False, secrets: Secrets | None = None
) -> State:
    """Return a checkpoint from its bytes; `name` is what errors call it."""
    if not data.startswith(_MAGIC):
        return _checked(_old(data, name, allow_pickle=allow_pickle), name)
    start = len(_MAGIC) + _DIGEST
    body = data[start:]
    if data[len(_MAGIC) : start] != _digest(body):
        raise _corrupt(name, "its checksum does not match: it was cut short or changed")
    try:
        found = decode_value(body, secrets or Secrets())
    except StateBytesError as error:
        raise _corrupt(name, str(error)) from error
    return _checked(found, name)


def _old(data: bytes, name: str, *, allow_pickle: bool) -> object:
    """Return what a file of an older version holds, where that is known or allowed."""
    from codeanatomy.workflow.old_pickle import UNKNOWN, is_pickle, load, shape  # noqa: PLC0415 - rarely needed

    if not is_pickle(data):
        raise _corrupt(name, "it is neither a checkpoint nor a pickle of one")
    if allow_pickle:
        try:
            return load(data)
        except Exception as error:
            raise _corrupt(name, f"{type(error).__name__}: {error}") from error
    found = shape(data)
    if found is not UNKNOWN and (type(found) is not dict or _missing(found)):
        return found
    raise CheckpointFormatError(
        f"Corrupt or incompatible checkpoint file '{name}': it is a pickle, as older versions "
        "wrote them, and loading a pickle runs whatever code is in it; if you trust the file, "
        "load it with allow_pickle=True, or rewrite it as data with "
        "the_edge_agent.checkpointers.convert_checkpoint(old, new, allow_pickle=True)",
        path=name,
        pickle=True,
    )


def _checked(found: object, name: str) -> State:
    if not isinstance(found, dict):
        raise CheckpointFormatError(
            f"Invalid checkpoint format in '{name}': expected dict, got {type(found).__name__}",
            path=name,
        )
    missing = _missing(found)
    if missing:
        listed = ", ".join(map(repr, missing))
        raise CheckpointFormatError(
            f"Incompatible checkpoint file '{name}': missing keys {{{listed}}}",
            path=name,
            missing=missing,
        )
    return {key: found[key] for key in KEYS}


def _missing(found: Mapping[object, object]) -> list[str]:
    return [key for key in KEYS if key not in found]


def _corrupt(name: str, reason: str) -> CheckpointFormatError:
    return CheckpointFormatError(
        f"Corrupt or incompatible checkpoint file '{name}': {reason}", path=name
    )


def _folder(disk: Disk, folder: Path) -> None:
    """Make a folder that a loss of power leaves there; one that is there already is not touched."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    if not missing:
        return
    disk.mkdir(folder)
    for place in reversed(missing):
        disk.fsync_dir(place.parent)


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=_DIGEST).digest()


def _plain(name: str) -> str:
    text = re.sub(r"[^\w .()\[\]@=+,-]", "_", name)[:_LONGEST_NAME]
    return f"_{text[1:]}" if text.startswith(".") else text or "_"
