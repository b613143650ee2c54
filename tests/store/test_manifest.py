"""Manifests: numbered, whole, exclusive; and one writer at a time."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from hashlib import blake2b
from typing import TYPE_CHECKING

import pytest

from codeanatomy.store.errors import (
    StoreBusyError,
    StoreConflictError,
    StoreReadError,
    StoreWriteError,
    UnknownVersionError,
)
from codeanatomy.store.manifest import Lock, Manifest, history, latest, publish, read

if TYPE_CHECKING:
    from pathlib import Path

FIRST = Manifest(number=0, run_id="r0", created=10, tables={"nodes": 3}, facts={"absent": ["x"]})
SECOND = Manifest(number=1, run_id="r1", created=20, tables={"nodes": 4}, parent=0)

HOLDER = """
import sys
from pathlib import Path
from codeanatomy.store.manifest import Lock
with Lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_what_is_published_is_read_back(tmp_path: Path) -> None:
    """The newest comes first, every other by its number, all of them in order."""
    assert latest(tmp_path) is None
    publish(tmp_path, FIRST)
    publish(tmp_path, SECOND)
    assert latest(tmp_path) == SECOND
    assert read(tmp_path, 0) == FIRST
    assert history(tmp_path) == [FIRST, SECOND]


def test_a_folder_that_is_not_there_has_no_manifest(tmp_path: Path) -> None:
    """Reading makes nothing."""
    assert latest(tmp_path / "none") is None
    assert history(tmp_path / "none") == []
    assert list(tmp_path.iterdir()) == []


def test_a_number_is_published_once(tmp_path: Path) -> None:
    """A second writer with the same number is refused, and the first stays."""
    publish(tmp_path, FIRST)
    other = Manifest(number=0, run_id="other", created=1, tables={})
    with pytest.raises(StoreConflictError):
        publish(tmp_path, other)
    assert latest(tmp_path) == FIRST


@pytest.mark.parametrize("keep", [0, 1, 30, -1])
def test_a_damaged_newest_is_not_seen(tmp_path: Path, keep: int) -> None:
    """A torn file is passed over when the newest is sought, and its number can be used again."""
    publish(tmp_path, FIRST)
    path = publish(tmp_path, SECOND)
    path.write_bytes(path.read_bytes()[:keep])
    assert latest(tmp_path) == FIRST
    assert history(tmp_path) == [FIRST]
    with pytest.raises(StoreReadError, match="damaged"):
        read(tmp_path, 1)
    publish(tmp_path, SECOND)
    assert latest(tmp_path) == SECOND


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    """The checksum covers what the manifest says."""
    path = publish(tmp_path, FIRST)
    path.write_bytes(path.read_bytes().replace(b'"nodes":3', b'"nodes":4'))
    assert latest(tmp_path) is None


def test_a_manifest_of_another_program_is_not_taken_for_damage(tmp_path: Path) -> None:
    """What is whole is never written over: it is refused by name."""
    body = b'{"number":0,"shape":"new"}'
    digest = blake2b(body, digest_size=16).hexdigest().encode()
    path = tmp_path / "manifests" / "00000000.json"
    path.parent.mkdir()
    path.write_bytes(b'{"digest":"' + digest + b'","body":' + body + b"}")
    before = path.read_bytes()
    for attempt in (lambda: latest(tmp_path), lambda: publish(tmp_path, FIRST)):
        with pytest.raises(StoreReadError, match="another version of this program"):
            attempt()
    assert path.read_bytes() == before


def test_a_number_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """The message names the numbers that exist."""
    publish(tmp_path, FIRST)
    with pytest.raises(UnknownVersionError, match="0 to 0"):
        read(tmp_path, 4)


def test_the_lock_is_for_one_process(tmp_path: Path) -> None:
    """A second writer hears at once which process holds the store, and gets in after its death."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreBusyError) as caught, Lock(tmp_path):
            pass
        assert caught.value.facts["pid"] == str(holder.pid)
        assert str(holder.pid) in str(caught.value)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with Lock(tmp_path):
        assert (tmp_path / "store.lock").read_text() == str(os.getpid())


def test_the_lock_is_given_back(tmp_path: Path) -> None:
    """Leaving the block, also by an error, lets the next one in."""
    with pytest.raises(ZeroDivisionError), Lock(tmp_path):
        raise ZeroDivisionError
    with Lock(tmp_path):
        pass


def test_a_lock_that_cannot_be_written_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is a named error, and the next one gets in."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        with pytest.raises(StoreWriteError, match="free some space"), Lock(tmp_path):
            pass
    with Lock(tmp_path):
        pass
