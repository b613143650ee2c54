"""Long-term memory: what every backend does and how its answers look; not where it keeps things."""

# ruff: noqa: ANN401 - a value is whatever a person remembers

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from codeanatomy.workflow.memory.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Answer = dict[str, Any]


class Entry(NamedTuple):
    """One remembered thing, as `iterate_all` yields it."""

    key: str
    value: Any
    metadata: dict[str, Any]


class LongTermMemoryBackend(ABC):
    """Values that outlive the process; every call answers with a dictionary and `success`."""

    @abstractmethod
    def store(self, key: str, value: Any, metadata: dict[str, Any] | None = None) -> Answer:
        """Keep a JSON value; answer `stored`, `key` and `created` (False when replaced)."""

    @abstractmethod
    def retrieve(self, key: str, default: Any = None) -> Answer:
        """Answer `value`, `found` and `metadata`; a missing key is the default and not found."""

    @abstractmethod
    def delete(self, key: str) -> Answer:
        """Answer `deleted`, False when the key was not there."""

    @abstractmethod
    def search(
        self,
        query: str | None = None,
        metadata_filter: dict[str, Any] | None = None,
        limit: int = 10,
    ) -> Answer:
        """Answer `results` and `count`: those with the phrase, best first; all, newest first.

        `metadata_filter` is applied to the `limit` results that the query gave.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections."""

    @abstractmethod
    def iterate_all(self) -> Iterator[Entry]:
        """Yield every entry, ordered by key."""

    def transaction(self) -> LTMTransaction:
        """Return a buffer of writes that happen together at `commit`."""
        return LTMTransaction(self)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make the writes inside one; a backend without transactions does them one by one."""
        yield


class LTMTransaction:
    """Writes that wait for `commit`; as a context it commits, or discards after an exception."""

    def __init__(self, backend: LongTermMemoryBackend) -> None:
        self._backend = backend
        self._waiting: list[Callable[[], Answer]] = []

    def store(self, key: str, value: Any, metadata: dict[str, Any] | None = None) -> None:
        """Buffer a store."""
        self._waiting.append(lambda: self._backend.store(key, value, metadata))

    def delete(self, key: str) -> None:
        """Buffer a delete."""
        self._waiting.append(lambda: self._backend.delete(key))

    def commit(self) -> Answer:
        """Do all that was buffered, or nothing; answer how many `operations`."""
        waiting, self._waiting = self._waiting, []
        try:
            with self._backend.together():
                for write in waiting:
                    _must_succeed(write())
        except _FailedWriteError as failed:
            return failed.answer
        except DatabaseError as wrong:
            return failure(str(wrong), str(wrong.facts["kind"]))
        return {"success": True, "operations": len(waiting)}

    def rollback(self) -> Answer:
        """Forget all that was buffered; answer how many were `discarded`."""
        discarded, self._waiting = len(self._waiting), []
        return {"success": True, "discarded": discarded}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.commit()
        else:
            self.rollback()


def failure(text: str, kind: str) -> Answer:
    """Return the answer of a call that could not be done."""
    return {"success": False, "error": text, "error_type": kind}


def checked_key(key: Any) -> Answer | None:
    """Return why a key cannot be used, or None."""
    if key is None or not str(key):
        return failure("Key is required" if key is None else "Key cannot be empty", KEY)
    return None


def encoded(value: Any) -> str:
    """Return a value as JSON, letters as they are; TypeError or ValueError when it has none."""
    return json.dumps(value, ensure_ascii=False)


def matches(metadata: Mapping[str, Any], wanted: Mapping[str, Any] | None) -> bool:
    """Say whether each wanted pair is in the metadata."""
    return all(key in metadata and metadata[key] == value for key, value in (wanted or {}).items())


KEY = "validation_error"


class _FailedWriteError(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer["error"])
        self.answer = answer


def _must_succeed(answer: Answer) -> None:
    if not answer["success"]:
        raise _FailedWriteError(answer)
