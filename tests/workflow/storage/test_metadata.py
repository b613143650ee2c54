"""Documents in collections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from codeanatomy.workflow.storage.metadata import MetadataStore

if TYPE_CHECKING:
    from pathlib import Path


def test_a_document_is_kept(tmp_path: Path) -> None:
    """In the file, for whoever opens it next."""
    with closing(MetadataStore(tmp_path / "x.db")) as store:
        store.put("c", "k", {"a": [1, None]})
        store.put("c", "k", {"a": 2})
        assert store.get("other", "k") is None
    with closing(MetadataStore(tmp_path / "x.db")) as store:
        assert store.get("c", "k") == {"a": 2}


def test_a_key_is_taken_once() -> None:
    """Adding says whether it was free."""
    with closing(MetadataStore()) as store:
        assert [store.add("c", "k", {"n": n}) for n in range(2)] == [True, False]
        assert store.get("c", "k") == {"n": 0}


def test_documents_are_found_by_value() -> None:
    """All of a collection, or those whose values fit; by key."""
    with closing(MetadataStore()) as store:
        for key, kind in (("b", 1), ("a", 1), ("c", 2)):
            store.put("c", key, {"kind": kind})
        assert [key for key, _ in store.find("c")] == ["a", "b", "c"]
        assert [key for key, _ in store.find("c", kind=1)] == ["a", "b"]
        assert store.delete("c", ["a", "zz"]) == 1


def test_a_transaction_is_all_or_nothing() -> None:
    """Also with another one inside."""
    with closing(MetadataStore()) as store:
        with pytest.raises(ZeroDivisionError):
            _fail_halfway(store)
        assert store.find("c") == []


def _fail_halfway(store: MetadataStore) -> None:
    with store.transaction():
        store.put("c", "k", {})
        with store.transaction():
            store.put("c", "l", {})
            _ = 1 / 0


def test_threads_share_a_store(tmp_path: Path) -> None:
    """No write is lost."""

    def count(store: MetadataStore) -> None:
        for _ in range(20):
            with store.transaction():
                found = store.get("c", "n") or {"n": 0}
                store.put("c", "n", {"n": found["n"] + 1})

    with (
        closing(MetadataStore(tmp_path / "x.db")) as one,
        closing(MetadataStore(tmp_path / "x.db")) as two,
    ):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(count, [one, two, one, two]))
        assert one.get("c", "n") == {"n": 80}
