"""Checkpoint files: whole or not there after any loss of power, and never run as code."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.store.disk import Disk
from codeanatomy.workflow.checkpoint import (
    FileCheckpointer,
    checkpoint_name,
    convert_checkpoint,
    pack,
    read_checkpoint,
    unpack,
    write_checkpoint,
)
from codeanatomy.workflow.errors import CheckpointFormatError, UnstorableError
from codeanatomy.workflow.old_pickle import UNKNOWN, shape
from codeanatomy.workflow.redact import forget_secrets, keep_secret
from codeanatomy.workflow.secrecy import Secrets
from tests.store.recording import RecordingDisk, crashes, rebuild

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATE = {"items": [1, (2, 3)], "name": "x"}
OLD = {"state": STATE, "node": "n", "config": {}, "timestamp": 1.5, "version": "1.0"}


@pytest.fixture(autouse=True)
def _no_secrets() -> Iterator[None]:
    yield
    forget_secrets()


@pytest.mark.parametrize("replace", [True, False])
def test_a_checkpoint_survives_every_crash(tmp_path: Path, *, replace: bool) -> None:
    """Before it returns: not there, or whole; after: whole; the one before it stays."""
    root = tmp_path / "disk"
    root.mkdir()
    disk = RecordingDisk(root)
    write_checkpoint(root / "a" / "b" / "1.pkl", STATE, "n", disk=disk, replace=replace)
    ended = len(disk.operations)
    write_checkpoint(root / "a" / "b" / "2.pkl", {"x": 2}, "m", disk=disk, replace=replace)
    for number, (done, survived, state) in enumerate(crashes(disk.operations)):
        place = rebuild(state, tmp_path / str(number)) / "a" / "b"
        first, second = place / "1.pkl", place / "2.pkl"
        if done >= ended or first.exists():
            assert read_checkpoint(first)["state"] == STATE, survived
        if done == len(disk.operations) or second.exists():
            assert read_checkpoint(second)["state"] == {"x": 2}, survived


def test_a_name_is_given_to_a_new_checkpoint_in_one_step(tmp_path: Path) -> None:
    """Written over by name, a file is the old one or the new one after every crash."""
    root = tmp_path / "disk"
    root.mkdir()
    disk = RecordingDisk(root)
    write_checkpoint(root / "c.pkl", {"x": 1}, "n", disk=disk)
    ended = len(disk.operations)
    write_checkpoint(root / "c.pkl", {"x": 2}, "n", disk=disk)
    for number, (done, survived, state) in enumerate(crashes(disk.operations)):
        if done < ended:
            continue
        found = read_checkpoint(rebuild(state, tmp_path / str(number)) / "c.pkl")["state"]
        allowed = [{"x": 2}] if done == len(disk.operations) else [{"x": 1}, {"x": 2}]
        assert found in allowed, survived


def test_a_checkpoint_that_has_an_id_never_changes(tmp_path: Path) -> None:
    """The same id again is an error, and the file is as it was."""
    kept = FileCheckpointer(tmp_path)
    path = kept.save("one", {"x": 1}, "n")
    with pytest.raises(FileExistsError):
        kept.save("one", {"x": 2}, "n")
    assert kept.load("one")["state"] == kept.load(path)["state"] == {"x": 1}
    assert kept.list() == ["one"]
    kept.delete("one")
    with pytest.raises(FileNotFoundError, match="Checkpoint file not found"):
        kept.delete("one")


@pytest.mark.parametrize(
    "node", ["../../etc/passwd", "a/b", "..", ".hidden", "x\0y", "n" * 500, ""]
)
def test_a_hostile_name_stays_in_the_folder(tmp_path: Path, node: str) -> None:
    """Whatever a node is called, its checkpoint lies where checkpoints lie."""
    name = checkpoint_name(node, 12.3456)
    assert name.endswith(".pkl")
    assert "_12345_" in name
    path = tmp_path / name
    write_checkpoint(path, {}, node)
    assert path.resolve().parent == tmp_path.resolve()
    assert read_checkpoint(path)["node"] == node
    inside = FileCheckpointer(tmp_path / "kept").save(f"{node}/..", {}, "n")
    assert inside.startswith(str(tmp_path / "kept"))


def test_names_of_one_moment_differ() -> None:
    """Two interrupts at one node in one millisecond have two checkpoints."""
    assert len({checkpoint_name("n", 1.0) for _ in range(100)}) == 100


def test_what_cannot_be_stored_leaves_no_file(tmp_path: Path) -> None:
    """The error names the key, and nothing lies about."""
    with pytest.raises(UnstorableError, match="'fn'"):
        write_checkpoint(tmp_path / "c.pkl", {"fn": print}, "n")
    with pytest.raises(UnstorableError, match=r"config\['sink'\]"):
        write_checkpoint(tmp_path / "c.pkl", {}, "n", {"sink": print})
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_no_piece(tmp_path: Path) -> None:
    """A disk that is full at any operation gives the named error, and the old file stays."""
    heard: list[str] = []
    target = tmp_path / "c.pkl"
    write_checkpoint(target, {"x": 1}, "n", disk=Disk(heard.append))
    steps = [name for name in heard if name.startswith("before")][:-2]
    for number in range(len(steps)):
        count = iter(range(1000))

        def fail(name: str, count: Iterator[int] = count, number: int = number) -> None:
            if name.startswith("before") and next(count) == number:
                raise OSError(28, os.strerror(28))

        with pytest.raises(Exception, match="No space left"):
            write_checkpoint(target, {"x": 2}, "n", disk=Disk(fail))
        assert read_checkpoint(target)["state"] == {"x": 1}
        assert [p.name for p in tmp_path.iterdir()] == ["c.pkl"]


class Trap:
    """What an attacker would put into a pickle."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        """Make a file when it is loaded."""
        return os.system, ("touch trapped",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("state", [STATE, {"x": Trap()}])
def test_an_old_pickle_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int, state: dict[str, Any]
) -> None:
    """The message says what it is, and what would have worked."""
    monkeypatch.chdir(tmp_path)
    data = pickle.dumps({**OLD, "state": state}, protocol=protocol)
    with pytest.raises(CheckpointFormatError, match=r"it is a pickle.*allow_pickle=True"):
        unpack(data, "old.pkl")
    assert list(tmp_path.iterdir()) == []


def test_an_old_pickle_is_loaded_by_name_with_a_flag(tmp_path: Path) -> None:
    """And can be rewritten as data once and for all."""
    old, new = tmp_path / "old.pkl", tmp_path / "new.pkl"
    old.write_bytes(pickle.dumps(OLD))
    assert read_checkpoint(old, allow_pickle=True) == OLD
    convert_checkpoint(old, new, allow_pickle=True)
    assert read_checkpoint(new) == OLD
    with pytest.raises(CheckpointFormatError, match="it is a pickle"):
        convert_checkpoint(old, new, allow_pickle=False)


@dataclass
class Thing:
    """A class that a pickle names."""

    x: int


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "value", [[1, 2], {"a": (1, "b", None, True, 1.5)}, "text", {"d": {"e": []}}]
)
def test_the_shape_of_plain_pickles_is_read_without_running_them(
    protocol: int, value: object
) -> None:
    """Protocols before 2 call a function for some values; their shape is not known."""
    assert shape(pickle.dumps(value, protocol=protocol)) in (value, UNKNOWN)
    assert protocol < 2 or shape(pickle.dumps(value, protocol=protocol)) == value
    assert shape(pickle.dumps(Thing(1), protocol=protocol)) is UNKNOWN


@given(st.binary(max_size=300))
def test_hostile_pickles_are_an_error(data: bytes) -> None:
    """Bytes that begin like a pickle do nothing to the reader but fail."""
    for start in (
        b"",
        b"\x80\x04",
        b"\x80\x02}q\x00",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f",
    ):
        with pytest.raises(CheckpointFormatError):
            unpack(start + data, "x.pkl")


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, mask: int) -> None:
    """A checksum covers all of it."""
    data = bytearray(pack(STATE, "n"))
    data[place % len(data)] ^= mask
    with pytest.raises(CheckpointFormatError, match="Corrupt or incompatible checkpoint file"):
        unpack(bytes(data), "x.pkl")


def test_a_secret_is_in_no_checkpoint() -> None:
    """Those of the process stay hidden; named ones come back where they are known."""
    keep_secret("hunter22")
    named = Secrets({"KEY": "s3cr3t!"})
    data = pack({"a": ["hunter22", "s3cr3t!"]}, "n", {"k": "hunter22"}, secrets=named)
    assert b"hunter22" not in data
    assert b"s3cr3t!" not in data
    assert unpack(data, "x", secrets=named)["state"] == {"a": ["[REDACTED]", "s3cr3t!"]}
    assert unpack(data, "x")["state"] == {"a": ["[REDACTED]", "[secret:KEY]"]}
