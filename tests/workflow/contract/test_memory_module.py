"""The memory and experiments modules as people import them."""

from __future__ import annotations

import the_edge_agent.experiments as ex
import the_edge_agent.memory as tm


def test_a_backend_of_ones_own() -> None:
    """The base class has the transaction; the rest is up to the backend."""

    class Kept(tm.LongTermMemoryBackend):  # type: ignore[misc]  # typed as Any through the face
        def __init__(self) -> None:
            self.kept: dict[str, object] = {}

        def store(self, key: str, value: object, metadata: object = None) -> dict[str, object]:
            del metadata
            self.kept[key] = value
            return {"success": True, "stored": True, "key": key, "created": True}

        def retrieve(self, key: str, default: object = None) -> dict[str, object]:
            return {
                "success": True,
                "value": self.kept.get(key, default),
                "found": key in self.kept,
            }

        def delete(self, key: str) -> dict[str, object]:
            return {"success": True, "deleted": self.kept.pop(key, None) is not None, "key": key}

        def search(self, *_: object, **__: object) -> dict[str, object]:
            return {"success": True, "results": [], "count": 0}

        def iterate_all(self) -> object:
            return iter(self.kept.items())

        def close(self) -> None:
            self.kept.clear()

    memory = Kept()
    with memory.transaction() as transaction:
        transaction.store("a", 1)
        transaction.store("b", 2)
        transaction.delete("a")
    assert memory.kept == {"b": 2}


def test_memories_are_inherited_below() -> None:
    """Through the names of the module."""
    memory = tm.create_ltm_backend("hierarchical", levels=["org", "user"])
    memory.register_entity("org", "acme")
    memory.register_entity("user", "ann", parent=("org", "acme"))
    memory.store("rule", "be kind")
    memory.associate_entry("rule", "org", "acme")
    assert [one["value"] for one in memory.get_entries_for_entity("user", "ann")] == ["be kind"]
    memory.close()


def test_strategies_are_compared() -> None:
    """Offline, by name."""
    items = [{"input": {"n": 1}, "expected": {"words": ["a", "b"]}}]
    data = ex.dataset_from_list("d", items)
    strategies = {"half": lambda _: {"words": ["a"]}, "all": lambda _: {"words": ["a", "b"]}}
    found = ex.compare_strategies(strategies, data, ["jaccard"])
    assert found.means() == {"half": {"jaccard": 0.5}, "all": {"jaccard": 1.0}}
    assert found.best("jaccard") == "all"
