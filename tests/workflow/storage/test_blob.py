"""Files below a root."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from codeanatomy.workflow.storage.blob import BlobStorage

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["disk", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStorage:
    """Give a storage on the disk, and one in memory."""
    return BlobStorage(tmp_path if request.param == "disk" else f"memory://{uuid.uuid4().hex}")


def test_a_file_is_written_moved_and_deleted(blobs: BlobStorage) -> None:
    """Folders come and are listed as they are needed."""
    blobs.write("a/b/c.txt", b"1")
    assert (blobs.read("a/b/c.txt"), blobs.exists("a/b/c.txt")) == (b"1", True)
    blobs.move("a/b/c.txt", "z/c.txt")
    assert (blobs.names("a"), blobs.names("z"), blobs.names("none")) == ([], ["z/c.txt"], [])
    assert [blobs.delete("z/c.txt") for _ in range(2)] == [True, False]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "", "/etc/x", "a\\..\\..\\x", "a\0b"])
def test_a_name_stays_below_the_root(blobs: BlobStorage, name: str) -> None:
    """What leads elsewhere is refused."""
    with pytest.raises(ValueError, match="below the root"):
        blobs.write(name, b"")


def test_a_file_that_is_not_there(blobs: BlobStorage) -> None:
    """Cannot be read."""
    with pytest.raises(FileNotFoundError):
        blobs.read("nothing")
