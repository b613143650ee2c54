"""Short-term memory: values for a time, in namespaces, as data and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codeanatomy.workflow.memory.short import InMemoryBackend, MemoryBackend

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that moves the monotonic clock."""
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    def move(seconds: float) -> None:
        now[0] += seconds

    return move


def test_it_is_a_memory_backend() -> None:
    """The protocol can be asked for at run time."""
    assert isinstance(InMemoryBackend(), MemoryBackend)


def test_a_value_is_kept_by_key_and_namespace() -> None:
    """The same key in two namespaces is two values."""
    memory = InMemoryBackend()
    assert memory.store("k", [1]) is True
    memory.store("k", [2], namespace="other")
    assert (memory.retrieve("k"), memory.retrieve("k", "other")) == ([1], [2])


def test_a_value_ends_with_its_time(clock: Callable[[float], None]) -> None:
    """At the moment its seconds are over, it is gone."""
    memory = InMemoryBackend()
    memory.store("k", 1, ttl=10)
    clock(9.9)
    assert memory.exists("k")
    clock(0.1)
    assert (memory.exists("k"), memory.retrieve("k"), memory.delete("k")) == (False, None, False)


def test_storing_again_gives_a_new_time(clock: Callable[[float], None]) -> None:
    """The last store decides; without a time the value stays."""
    memory = InMemoryBackend()
    memory.store("k", 1, ttl=1)
    memory.store("k", 2)
    clock(100)
    assert memory.retrieve("k") == 2


def test_delete_says_whether_it_was_there() -> None:
    """Once."""
    memory = InMemoryBackend()
    memory.store("k", 1)
    assert (memory.delete("k"), memory.delete("k")) == (True, False)


def test_clear_counts_the_living(clock: Callable[[float], None]) -> None:
    """What is over does not count; a namespace alone can be cleared."""
    memory = InMemoryBackend()
    memory.store("a", 1, ttl=1)
    memory.store("b", 1)
    memory.store("c", 1, namespace="x")
    clock(2)
    assert (memory.clear("x"), memory.clear("x"), memory.clear()) == (1, 0, 1)


def test_the_state_shows_what_is_left(clock: Callable[[float], None]) -> None:
    """Each value with the seconds it has left; what is over is not there."""
    memory = InMemoryBackend()
    memory.store("gone", 1, ttl=1)
    memory.store("short", 2, ttl=10)
    memory.store("long", None)
    clock(4)
    state = memory.get_state()
    entries = state["namespaces"]["default"]
    left = {key: (entry["value"], entry["remaining_ttl"]) for key, entry in entries.items()}
    assert state["version"] == "1.0"
    assert left == {"short": (2, 6.0), "long": (None, None)}


def test_a_state_replaces_everything(clock: Callable[[float], None]) -> None:
    """Restored values go on with the time they had left."""
    memory = InMemoryBackend()
    memory.store("k", 1, ttl=10)
    state = memory.get_state()
    other = InMemoryBackend()
    other.store("old", 1)
    clock(500)
    other.restore_state(state)
    assert (other.retrieve("old"), other.retrieve("k")) == (None, 1)
    clock(10)
    assert other.retrieve("k") is None


def test_a_state_of_another_version_changes_nothing() -> None:
    """It is ignored."""
    memory = InMemoryBackend()
    memory.store("k", 1)
    memory.restore_state({"version": "2.0", "namespaces": {}})
    assert memory.retrieve("k") == 1
