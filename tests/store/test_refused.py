"""A place that cannot be written gives `store-write`, with the path and a remedy, and no row."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from codeanatomy.store.errors import StoreError
from codeanatomy.store.manifest import Manifest, publish
from codeanatomy.store.open import open_store
from tests.store.samples import FLAT, flat

SCRIPT = Path(__file__).with_name("refused.py")
DURABLE = ("delta", "parquet", "sqlite")

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up its rights")


def refused(*arguments: object) -> list[str]:
    """Run the process and return its lines."""
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


@needs_root
@pytest.mark.parametrize("backend", DURABLE)
def test_a_folder_without_rights(backend: str, tmp_path: Path) -> None:
    """The version before stays the newest."""
    uri = f"{backend}://{tmp_path / 'store'}"
    open_store(uri).append(FLAT, flat(1))
    opened(tmp_path)
    told, version = refused("nobody", uri)
    assert told.startswith("store-write 5 cannot write")
    assert str(tmp_path / "store") in told
    assert "name a store elsewhere" in told
    assert version == "0"


@needs_root
def test_no_lock_and_no_manifest_without_rights(tmp_path: Path) -> None:
    """Both say so by name, and the newest manifest is the one before."""
    publish(tmp_path, Manifest(number=0, run_id="r", created=1, tables={}))
    opened(tmp_path)
    assert refused("lock", tmp_path) == ["store-write", "store-write", "0"]


@pytest.mark.parametrize(
    ("backend", "limit"),
    [
        ("delta", 100),  # the part file does not fit
        ("delta", 900),  # the log does not
        ("parquet", 100),
        ("parquet", 400),
        ("sqlite", 100),
        ("sqlite", 5000),  # the first page does, the tables do not
        ("sqlite", 50000),  # the tables do, the rows do not
    ],
)
def test_a_limit_on_size(backend: str, limit: int, tmp_path: Path) -> None:
    """Whichever file does not fit, ours or the backend's log, nothing is visible."""
    told, version = refused(limit, f"{backend}://{tmp_path / 'store'}")
    assert told.startswith("store-write 5 cannot write")
    assert version == "None"


@pytest.mark.parametrize("backend", ["delta", "parquet"])
def test_a_file_where_a_folder_is_needed(backend: str, tmp_path: Path) -> None:
    """The error names the path and what to do."""
    (tmp_path / "store").write_text("mine")
    store = open_store(f"{backend}://{tmp_path / 'store'}")
    with pytest.raises(StoreError, match="a file stands") as caught:
        store.append(FLAT, flat(1))
    assert (caught.value.code, caught.value.exit_status) == ("store-write", 5)
    assert str(caught.value.facts["path"]).startswith(str(tmp_path / "store" / "flat"))
    assert (tmp_path / "store").read_text() == "mine"


def test_a_file_of_another_kind_is_no_sqlite_store(tmp_path: Path) -> None:
    """It is left as it was, for reading and for writing."""
    path = tmp_path / "store"
    path.write_bytes(b"not a database, and longer than a header " * 9)
    store = open_store(f"sqlite://{path}")
    for act in (store.tables, lambda: store.append(FLAT, flat(1))):
        with pytest.raises(StoreError) as caught:
            act()
        assert caught.value.code == "store-read"
    assert path.read_bytes().startswith(b"not a database")


def opened(folder: Path) -> None:
    """Let anybody read a folder and all above it that tests made."""
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.geteuid() and path.stat().st_mode & 0o005 != 0o005:
            path.chmod(path.stat().st_mode | 0o055)
    for path in folder.rglob("*"):
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
