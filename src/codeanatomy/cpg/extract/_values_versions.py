"""Versions of a variable that cost a step only where one is read: joins, loop heads, narrowings."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

Version: TypeAlias = "int | Join | Narrowed"


class Slots(Protocol):
    """A body in the making: where a version gets its slot and leaves its step."""

    steps: list[tuple[Any, ...]]

    def new(self) -> int:
        """Return a slot that nothing has."""


class Join:
    """Several versions as one; an `open` one, at the head of a loop, still gets more."""

    __slots__ = ("_fed", "_feeds", "_frame", "_open", "_slot")

    def __init__(self, frame: Slots, feeds: list[Version], *, more: bool = False) -> None:
        """Join `feeds` in the body of `frame`; with `more`, others follow."""
        self._frame = frame
        self._feeds = feeds
        self._fed: set[Version] = set(feeds) if more else set()
        self._open = more
        self._slot: int | None = None

    def get(self) -> int:
        """Return the slot that holds all versions."""
        if self._slot is None:
            if not self._open:
                found = self._distinct()
                if len(found) == 1:
                    self._slot = found[0]
                    return found[0]
                self._feeds = [*found]
            self._slot = self._frame.new()
            for feed in self._feeds:
                self._copy(feed)
        return self._slot

    def feed(self, version: Version) -> None:
        """Add one more version."""
        if version is self or version in self._fed:
            return
        self._fed.add(version)
        if self._slot is None:
            self._feeds.append(version)
        else:
            self._copy(version)

    def _distinct(self) -> list[int]:
        """Return the slots of a closed join; each waits for its own, in Python's frames alone."""
        found: dict[int, None] = {}
        for feed in self._feeds:
            slot = feed if isinstance(feed, int) else feed.get()
            found[slot] = None
        return list(found)

    def _copy(self, version: Version) -> None:
        source, slot = slot_of(version), self._slot
        if source != slot:
            self._frame.steps.append(("copy", slot, source, None, None, (), (), None))


class Narrowed:
    """A version of which a test is known to hold."""

    __slots__ = ("_cls", "_frame", "_names", "_slot", "_src", "_test", "root")

    def __init__(
        self, frame: Slots, src: Version, test: str, cls: int | None = None, attribute: str = ""
    ) -> None:
        """Narrow `src` by `test`, against the slot `cls` or for an attribute if there is one."""
        self._frame = frame
        self._src = src
        self._test = test
        self._cls = cls
        self._names = (attribute,) if attribute else ()
        self._slot: int | None = None
        self.root: Version = src.root if src.__class__ is Narrowed else src

    def get(self) -> int:
        """Return the slot of what is left."""
        if self._slot is None:
            src = slot_of(self._src)
            self._slot = slot = self._frame.new()
            self._frame.steps.append(
                ("narrow", slot, src, self._cls, self._test, (), self._names, None)
            )
        return self._slot


def slot_of(version: Version) -> int:
    """Return the slot of a version, made now if it has none yet."""
    return version if isinstance(version, int) else version.get()


def root_of(version: Version | None) -> Version | None:
    """Return what a version was before tests narrowed it."""
    return version.root if isinstance(version, Narrowed) else version
