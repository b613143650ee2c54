"""Whatever kills, stops or refuses a build: the version before is there, the next build works."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from codeanatomy.store.disk import Disk
from codeanatomy.store.errors import StoreBusyError, StoreWriteError
from codeanatomy.store.manifest import Lock, history, latest
from tests import dying
from tests.builds import SHOP, assert_same_graph, built, meanings, rows, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Meanings = dict[str, list[str]]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "NO_COLOR": "1"}
COMMAND = [sys.executable, "-m", "codeanatomy"]


class Halfway:
    """A store with one version, a repository that has changed since, and what it would become."""

    def __init__(self, folder: Path) -> None:
        """Build, change, and build the change elsewhere."""
        self.folder, self.repo, self.store = folder, folder / "repo", folder / "store"
        write(self.repo, SHOP)
        built(self.repo, self.store)
        self.before = meanings(self.store)
        write(self.repo, {"shop/base.py": "class Thing: pass\n", "new.py": "import shop\n"})
        (self.repo / "shop/broken.py").unlink()
        self.fresh = folder / "fresh"
        built(self.repo, self.fresh)
        self.after = meanings(self.fresh)

    def copy(self, place: Path) -> Path:
        """Copy the store."""
        shutil.copytree(self.store, place)
        return place

    def whole(self, store: Path) -> int:
        """Return the number of the newest version, which is one of the two, in every row."""
        found = latest(store)
        assert found is not None
        assert found.number in (0, 1)
        assert meanings(store) == (self.before, self.after)[found.number]
        return found.number

    def goes_on(self, store: Path) -> None:
        """Build again: the result is that of a fresh build."""
        built(self.repo, store)
        assert_same_graph(store, self.fresh)


@pytest.fixture(scope="module")
def halfway(tmp_path_factory: pytest.TempPathFactory) -> Halfway:
    """Make the store that every test begins with, once."""
    return Halfway(tmp_path_factory.mktemp("halfway"))


def _die(halfway: Halfway, folder: Path, *words: str) -> None:
    places = [str(p) for p in (halfway.repo, halfway.store, folder)]
    command = [sys.executable, dying.__file__, *places, *words]
    subprocess.run(command, check=True, env=ENVIRONMENT)


def test_killed_at_a_failpoint(halfway: Halfway, tmp_path: Path) -> None:
    """At any write, sync or rename of ours: old before the manifest has its name, new after."""
    heard = dying.failpoints(halfway.repo, halfway.copy(tmp_path / "heard"))
    published = next(n for n, name in enumerate(heard) if name.startswith("after:link:"))
    points = [*range(5, published, len(heard) // 8), *range(published - 3, len(heard), 2)]
    (tmp_path / "dead").mkdir()
    _die(halfway, tmp_path / "dead", "points", *map(str, points))
    for turn, point in enumerate(points):
        store = tmp_path / "dead" / str(point)
        assert halfway.whole(store) == (point >= published), heard[point]
        if turn % 3 == 0:
            halfway.goes_on(store)


def test_killed_at_any_moment(halfway: Halfway, tmp_path: Path) -> None:
    """Wherever it was: the store holds one of the two versions, and takes the next build."""
    _die(halfway, tmp_path, "moments", "7", "5")
    for number in range(5):
        halfway.whole(tmp_path / str(number))
        halfway.goes_on(tmp_path / str(number))


def _failing(number: int, code: int) -> Disk:
    steps = iter(range(100_000))

    def fail(heard: str) -> None:
        if heard.startswith("before") and next(steps) == number:
            raise OSError(code, os.strerror(code))

    return Disk(fail)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.97, 0.99])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_write_that_fails(halfway: Halfway, tmp_path: Path, share: float, code: int) -> None:
    """The error has a code, a status and a remedy; the version before stays; the next one works."""
    heard = dying.failpoints(halfway.repo, halfway.copy(tmp_path / "heard"))
    point = int(share * sum(name.startswith("before") for name in heard))
    store = halfway.copy(tmp_path / "store")
    with pytest.raises(StoreWriteError, match=os.strerror(code)) as caught:
        built(halfway.repo, store, None, _failing(point, code))
    assert (caught.value.code, caught.value.exit_status) == ("store-write", 5)
    assert "name a store" in str(caught.value)
    assert halfway.whole(store) == 0
    if share in (0.3, 0.97):
        halfway.goes_on(store)


def _run(
    *words: str | Path, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *(str(word) for word in words)]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env=ENVIRONMENT, preexec_fn=before
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of four megabytes, where that is allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if mount is None or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("no right to mount a disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)  # noqa: S607 - where mount is, this is


def test_a_disk_that_is_full(halfway: Halfway, small_disk: Path) -> None:
    """The command says so, with status 5; the version before can be read, and built upon."""
    store = halfway.copy(small_disk / "store")
    filler = small_disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    done = _run("build", halfway.repo, "-s", store, "--name", "shop")
    assert (done.returncode, done.stdout) == (5, "")
    assert "error[store-write]" in done.stderr
    assert "No space left on device; free some space" in done.stderr
    assert halfway.whole(store) == 0
    filler.unlink()
    halfway.goes_on(store)


def test_a_disk_that_is_read_only(halfway: Halfway, small_disk: Path) -> None:
    """The command says so, with status 5; what is there can still be asked."""
    store = halfway.copy(small_disk / "store")
    remount = ["mount", "-o", "remount,ro", str(small_disk)]
    subprocess.run(remount, check=True)
    done = _run("build", halfway.repo, "-s", store, "--name", "shop")
    assert (done.returncode, done.stdout) == (5, "")
    assert "error[store-write]" in done.stderr
    assert "read-only: name a store elsewhere" in done.stderr
    assert halfway.whole(store) == 0
    asked = _run("query", "select count(*) as n from files", "-s", store, "--format", "csv")
    assert (asked.returncode, asked.stdout.split()) == (0, ["n", "5"])


def test_a_file_that_may_not_grow(halfway: Halfway, tmp_path: Path) -> None:
    """A limit on file size, which the cache or any table may meet first, is the same error."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    store = halfway.copy(tmp_path / "store")
    done = _run("build", halfway.repo, "-s", store, "--name", "shop", before=limit)
    assert (done.returncode, done.stdout) == (5, "")
    assert "error[store-write]" in done.stderr
    assert halfway.whole(store) == 0
    halfway.goes_on(store)


def test_a_file_where_the_store_should_be(halfway: Halfway, tmp_path: Path) -> None:
    """It is left alone, and named."""
    (tmp_path / "store").write_text("mine")
    done = _run("build", halfway.repo, "-s", tmp_path / "store")
    assert done.returncode == 5
    assert "error[store-write]" in done.stderr
    assert (tmp_path / "store").read_text() == "mine"


def test_a_second_writer_is_told(halfway: Halfway, tmp_path: Path) -> None:
    """It does not wait, and names who is writing; readers do not notice."""
    store = halfway.copy(tmp_path / "store")
    with Lock(store):
        with pytest.raises(StoreBusyError, match=str(os.getpid())) as caught:
            built(halfway.repo, store)
        assert halfway.whole(store) == 0
    assert (caught.value.code, caught.value.exit_status) == ("store-busy", 5)
    halfway.goes_on(store)


def _large(root: Path) -> Path:
    """Write enough that workers are busy for some seconds."""
    body = "".join(
        f"def f{n}(a, b=None):\n    return [a + x.y for x in b if x(a, f{n})]\n" for n in range(300)
    )
    return write(root, {f"pkg/m{n}.py": f"X = {n}\n{body}" for n in range(24)})


def _workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Wait until two workers are at work; return them."""
    parent = psutil.Process(process.pid)
    for _ in range(2000):
        assert process.poll() is None, process.communicate()
        found = [p for c in parent.children() for p in c.children() if p.cpu_times().user > 0.1]
        if len(found) > 1:
            return found
        time.sleep(0.01)
    raise AssertionError("no workers")


def _started(repo: Path, store: Path) -> subprocess.Popen[str]:
    command = [*COMMAND, "build", str(repo), "-s", str(store), "--name", "shop", "--jobs", "2"]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
        start_new_session=True, preexec_fn=_hearing,  # noqa: PLW1509 - no thread of ours is running
    )  # fmt: skip


def _hearing() -> None:
    """Let the command hear Ctrl-C, also where the tests themselves run in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=20)[1]


def _interrupt(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGINT)


def _kill(process: subprocess.Popen[str]) -> None:
    process.kill()


@pytest.mark.parametrize(("stop", "status"), [(_interrupt, 130), (_kill, -signal.SIGKILL)])
def test_stopped_while_workers_read(
    halfway: Halfway, tmp_path: Path, stop: Callable[[subprocess.Popen[str]], None], status: int
) -> None:
    """Ctrl-C, or worse: no worker is left, the store is as it was, and what was read is kept."""
    large = _large(halfway.folder / "repo" / "large")
    try:
        store = halfway.copy(tmp_path / "store")
        process = _started(halfway.repo, store)
        workers = _workers(process)
        family = psutil.Process(process.pid).children(recursive=True)
        stop(process)
        said = process.communicate(timeout=60)
        assert process.returncode == status, said
        assert len(workers) == 2
        assert _gone(family)
        assert "Traceback" not in said[1]
        assert halfway.whole(store) == 0
    finally:
        shutil.rmtree(large)
    halfway.goes_on(store)


def test_a_worker_that_is_killed(tmp_path: Path) -> None:
    """Its files are read again by another; nothing is missing, nobody is accused."""
    repo = _large(tmp_path / "repo")
    process = _started(repo, tmp_path / "store")
    _workers(process)[0].kill()
    said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert rows(tmp_path / "store", "extraction_errors") == []
    found = {row["path"]: row["lines"] for row in rows(tmp_path / "store", "files")}
    assert found == {f"pkg/m{n}.py": 601 for n in range(24)}
    assert len(history(tmp_path / "store")) == 1
