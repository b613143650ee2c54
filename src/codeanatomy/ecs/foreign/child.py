"""A library in a process of its own: when it dies, the world hears of it and lives on."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from typing import IO, TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from codeanatomy.ecs.foreign import failure
from codeanatomy.ecs.foreign.failure import ForeignError, PanicError
from codeanatomy.ecs.foreign.library import Functions, load
from codeanatomy.ecs.foreign.step import Moment, Steps
from codeanatomy.kernel.errors import AnatomyError

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.ecs.archetype import Archetype

_LENGTHS = struct.Struct("<QQ")


class Contained:
    """The steps of a processor whose library runs in a child process.

    A child that died is started anew by the next step; the steps it had begun are lost.
    """

    def __init__(self, path: Path, symbol: str) -> None:
        self._path = path
        self._symbol = symbol
        self._flights: list[Archetype] = []
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def in_flight(self) -> tuple[Archetype, ...]:
        """The tables whose step was begun and has not ended."""
        return tuple(self._flights)

    def described(self) -> tuple[pa.Schema, pa.Schema] | None:
        """Load the library and ask for the columns it reads and writes."""
        said, body = self._asked({"do": "describe"})
        if not said["described"]:
            return None
        schema = _read_batch(body).schema
        count = said["described"] - 1
        return pa.schema(list(schema)[:count]), pa.schema(
            [pa.field(f.name[1:], f.type) for f in list(schema)[count:]]
        )

    def begin(self, batch: pa.RecordBatch, moment: Moment) -> None:
        """Hand the rows of a table over."""
        self._asked({"do": "begin", "moment": list(moment)}, _written(batch))
        self._flights.append(moment.archetype)

    def commit(self, archetype: Archetype = ()) -> pa.RecordBatch:
        """End the step of a table and give what it made."""
        try:
            return _read_batch(self._asked({"do": "commit", "archetype": list(archetype)})[1])
        finally:
            self._ended(archetype)

    def abort(self, archetype: Archetype = ()) -> None:
        """Drop the step of a table."""
        if archetype in self._flights:
            self._ended(archetype)
            self._asked({"do": "abort", "archetype": list(archetype)})

    def abort_all(self) -> None:
        """Drop every step."""
        for archetype in self.in_flight:
            self.abort(archetype)

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        self._flights.clear()
        if child is not None:
            _ended(child)

    def __del__(self) -> None:
        self.close()

    def _ended(self, archetype: Archetype) -> None:
        if archetype in self._flights:
            self._flights.remove(archetype)

    def _asked(self, what: dict[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        if self._child is None:
            self._child = _started(self._path, self._symbol)
        child = self._child
        assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018 - both are pipes
        try:
            _send(child.stdin, what, body)
            answer = _receive(child.stdout)
        except (BrokenPipeError, ConnectionResetError):
            answer = None
        if answer is None:
            self._child = None
            self._flights.clear()
            raise _panicked(f"{self._symbol} of {self._path.name}", _ended(child))
        said, found = answer
        if "error" in said:
            kind: type[AnatomyError] = getattr(failure, said["error"], ForeignError)
            raise kind(said["message"], **said["facts"])
        return said, found


def main(path: str, symbol: str) -> None:
    """Serve one processor over the standard streams until they close."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the library prints must not stand between the answers
    asked = sys.stdin.buffer
    served = _Served(path, symbol)
    while (question := _receive(asked)) is not None:
        try:
            said, body = served.answer(*question)
        except AnatomyError as error:
            facts = {key: _plain(value) for key, value in error.facts.items()}
            said = {"error": type(error).__name__, "message": str(error), "facts": facts}
            body = b""
        _send(answers, said, body)


class _Served:
    """The child's side: loads at the first question and then does what it is asked."""

    def __init__(self, path: str, symbol: str) -> None:
        self._place = path, symbol
        self._functions: Functions | None = None
        self._steps: Steps | None = None

    def answer(self, what: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        if self._functions is None or self._steps is None:
            self._functions = load(*self._place)
            self._steps = Steps(self._functions)
        if what["do"] == "describe":
            return _told(self._functions.described())
        if what["do"] == "begin":
            tick, chance, archetype = what["moment"]
            self._steps.begin(_read_batch(body), Moment(tick, chance, tuple(archetype)))
            return {}, b""
        if what["do"] == "abort":
            self._steps.abort(tuple(what["archetype"]))
            return {}, b""
        return {}, _written(self._steps.commit(tuple(what["archetype"])))


def _told(described: tuple[pa.Schema, pa.Schema] | None) -> tuple[dict[str, Any], bytes]:
    """Send two schemas as one: the names of the second carry a mark."""
    if described is None:
        return {"described": 0}, b""
    reads, writes = described
    both = [*reads, *(pa.field(f">{field.name}", field.type) for field in writes)]
    empty = pa.RecordBatch.from_pylist([], schema=pa.schema(both))
    return {"described": len(reads) + 1}, _written(empty)


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str | None) else str(value)


def _started(path: Path, symbol: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own module, by the interpreter that runs us
        [sys.executable, "-m", "codeanatomy.ecs.foreign.child", str(path), symbol],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _ended(child: subprocess.Popen[bytes]) -> int:
    """Close the streams of a child and wait for its end; give what it ended with."""
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            try:
                stream.close()
            except BrokenPipeError:
                continue  # it went before it read everything
    try:
        return child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def _panicked(where: str, status: int) -> PanicError:
    name = signal.Signals(-status).name if status < 0 else None
    how = f"by {name}" if name else f"with status {status}"
    return PanicError(
        f"{where} ended its process {how}; the world is unharmed",
        processor=where,
        signal=name,
        status=status,
    )


def _send(stream: IO[bytes], said: dict[str, Any], body: bytes) -> None:
    head = msgspec.json.encode(said)
    stream.write(_LENGTHS.pack(len(head), len(body)) + head)
    stream.write(body)
    stream.flush()


def _receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    start = stream.read(_LENGTHS.size)
    if len(start) < _LENGTHS.size:
        return None
    head, body = _LENGTHS.unpack(start)
    said = stream.read(head)
    found = stream.read(body)
    if len(said) < head or len(found) < body:
        return None
    return msgspec.json.decode(said), found


def _written(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as out:
        out.write_batch(batch)
    return bytes(memoryview(sink.getvalue()))


def _read_batch(body: bytes) -> pa.RecordBatch:
    return next(iter(pa.ipc.open_stream(pa.py_buffer(body))))


if __name__ == "__main__":
    main(*sys.argv[1:])
