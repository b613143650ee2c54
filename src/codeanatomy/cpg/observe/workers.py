"""Worker processes: chunks of files through extractors, into packs.

A file that brings its process down is found by itself and reported; the others are not lost.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from tempfile import gettempdir
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from codeanatomy.cpg.evidence import EXTRACTION_ERRORS
from codeanatomy.cpg.observe import packs
from codeanatomy.engine.arrow import without_pandas
from codeanatomy.kernel.errors import AnatomyError
from codeanatomy.store.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess
    from pathlib import Path

Given = TypeVar("Given")
Got = TypeVar("Got")
SOCKET_FOLDER = 64  # characters: a longer folder leaves no room for the name of a socket in it
STACK = 512 << 20  # bytes of address space, touched only by deep nesting
INLINE_BYTES = 96 << 10  # less than this is not worth a process


class WorkerError(AnatomyError):
    """No worker process lives long enough to read anything: it is not the files' fault."""

    code = "worker"


class Chunk(NamedTuple):
    """Files to read together: content hashes, bytes, and the extractors that have not seen them."""

    hashes: tuple[str, ...]
    sources: tuple[bytes, ...]
    folders: tuple[tuple[str, Path], ...]  # extractor, folder of its packs

    def halves(self) -> tuple[Chunk, ...]:
        """Cut in two by files, a single file by extractors; nothing where neither can be cut."""
        files, extractors = len(self.hashes) // 2, len(self.folders) // 2
        if files:
            return (
                Chunk(self.hashes[:files], self.sources[:files], self.folders),
                Chunk(self.hashes[files:], self.sources[files:], self.folders),
            )
        if extractors:
            return (
                self._replace(folders=self.folders[:extractors]),
                self._replace(folders=self.folders[extractors:]),
            )
        return ()


class Done(NamedTuple):
    """One chunk that was read: its packs by extractor, CPU seconds by file."""

    chunk: Chunk
    packs: dict[str, Path]
    seconds: list[float]


def run(chunks: Sequence[Chunk], jobs: int) -> Iterator[Done]:
    """Yield each chunk when it is done, in no particular order."""
    if not chunks:
        return
    if sum(len(raw) for chunk in chunks for raw in chunk.sources) < INLINE_BYTES:
        for chunk in chunks:
            yield on_a_deep_stack(_read, chunk)
        return
    pending = sorted(chunks, key=lambda c: -sum(map(len, c.sources)))
    while pending:
        pending = yield from _pooled(pending, jobs)


def _pooled(chunks: Sequence[Chunk], jobs: int) -> Generator[Done, None, list[Chunk]]:
    """Run chunks in a pool; return what must be tried again because a process died."""
    where = _processes()
    left = list(chunks)
    pool = ProcessPoolExecutor(max(1, min(jobs, len(chunks))), where, _watched)
    try:
        with _without_main():
            futures = {pool.submit(on_a_deep_stack, _read, c): c for c in chunks}
        while futures:
            finished, _ = wait(futures, return_when=FIRST_COMPLETED)
            for future in sorted(finished, key=_died):
                done = future.result()
                left.remove(futures.pop(future))
                yield done
    except BrokenProcessPool:
        return (yield from _suspects(left, jobs))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return []


def _processes() -> BaseContext:
    """Return how processes start: never as a copy of this one, whose threads they would lack."""
    short = len(gettempdir()) <= SOCKET_FOLDER
    if "forkserver" not in multiprocessing.get_all_start_methods() or not short:
        return multiprocessing.get_context("spawn")
    where = multiprocessing.get_context("forkserver")
    where.set_forkserver_preload(["codeanatomy.cpg.extract._run"])
    return where


def _died(future: Future[Done]) -> bool:
    return isinstance(future.exception(), BrokenProcessPool)


def _suspects(left: list[Chunk], jobs: int) -> Generator[Done, None, list[Chunk]]:
    """After a process died: run the chunks that may have done it one by one, each alone."""
    suspects, rest = left[: jobs * 2], left[jobs * 2 :]
    for suspect in suspects:
        yield from _isolated(suspect)
    return rest


def _isolated(chunk: Chunk) -> Iterator[Done]:
    """Run a chunk in a process of its own; if that dies too, halve it until the guilty is found.

    What is left in the end is one file and one extractor: that is said as a row.
    """
    done = _survived(chunk)
    if done is not None:
        yield done
        return
    parts = chunk.halves()
    if not parts and _survived(Chunk((), (), ())) is None:
        raise WorkerError(
            "a worker process dies before it has read anything: see what it printed; the reason "
            "may be too little memory, or a package that changed while it was in use"
        )
    if not parts:
        yield _crashed(chunk)
    for part in parts:
        yield from _isolated(part)


def _survived(chunk: Chunk) -> Done | None:
    """Run a chunk in a process of its own; None if that died."""
    with ProcessPoolExecutor(1, _processes(), _watched) as pool:
        try:
            with _without_main():
                future = pool.submit(on_a_deep_stack, _read, chunk)
            return future.result()
        except BrokenProcessPool:
            return None


def _crashed(chunk: Chunk) -> Done:
    """Say that an extractor dies on a file; no later build trusts that without a try."""
    import pyarrow as pa  # noqa: PLC0415 - only after a crash

    schema = pa.schema([f for f in EXTRACTION_ERRORS.arrow() if f.name != "repo"])
    found: dict[str, Path] = {}
    for extractor, folder in chunk.folders:
        row = {
            "file_no": 0, "extractor": extractor, "phase": "extract", "error": "Crash",
            "message": "the interpreter died reading this file", "line": None, "column": None,
        }  # fmt: skip
        tables = {EXTRACTION_ERRORS.name: pa.Table.from_pylist([row], schema)}
        found[extractor] = packs.write(folder, chunk.hashes, tables, packs.ONCE)
    return Done(chunk._replace(sources=()), found, [0.0])


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the program's main module while processes start: they must not run it again."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _watched() -> None:
    """Leave Ctrl-C to the parent, which ends its workers itself; end when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent,), daemon=True).start()


def _outlive(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _read(chunk: Chunk) -> Done:
    without_pandas()
    from codeanatomy.cpg.extract._run import run_many  # noqa: PLC0415 - in the worker only

    observed = run_many([name for name, _ in chunk.folders], chunk.sources)
    found = {
        name: packs.write(folder, chunk.hashes, observed[name].tables)
        for name, folder in chunk.folders
    }
    seconds = [sum(part) for part in zip(*(o.seconds for o in observed.values()), strict=True)]
    return Done(chunk._replace(sources=()), found, seconds)


def on_a_deep_stack(act: Callable[[Given], Got], given: Given) -> Got:
    """Do something in a thread whose stack holds deep nesting; what it raises is raised here."""
    done: list[Got] = []
    failed: list[BaseException] = []

    def call() -> None:
        try:
            done.append(act(given))
        except BaseException as error:  # noqa: BLE001 - carried to the caller's thread
            failed.append(error)

    before = threading.stack_size(STACK)
    try:
        thread = threading.Thread(target=call, daemon=True)  # Ctrl-C does not wait for it
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if failed:
        raise failed[0]
    return done[0]


def processors() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def folders(root: Path, names: Mapping[str, str]) -> dict[str, Path]:
    """Make and return the folder of each extractor's packs."""
    found = {name: root / key for name, key in names.items()}
    for folder in found.values():
        Disk().mkdir(folder)
    return found
