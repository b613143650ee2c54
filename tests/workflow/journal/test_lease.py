"""A thread is run by one process at a time; whoever dies loses it."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codeanatomy.workflow.errors import LeaseLostError, ThreadBusyError
from codeanatomy.workflow.journal import lease
from codeanatomy.workflow.journal.lease import LIFE, Holder, is_alive, this_process
from codeanatomy.workflow.journal.open import open_journal
from tests.workflow.journal.driving import taken_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.workflow.journal.base import Journal

SCRIPT = Path(__file__).with_name("holding.py")
ELSEWHERE = Holder("other-machine", 1, "1")


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name a journal that other processes can open."""
    if request.param == "sqlite":
        return str(tmp_path / "journal.db")
    url: str = request.getfixturevalue("postgres_url")
    return url


@contextmanager
def process(*words: str) -> Iterator[subprocess.Popen[str]]:
    """Start the script; end it at the end."""
    command = [sys.executable, str(SCRIPT), *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as started:
        yield started
        started.kill()


def said(started: subprocess.Popen[str]) -> str:
    """Read the next line of a process."""
    assert started.stdout is not None
    return started.stdout.readline().strip()


def test_a_thread_that_is_run_elsewhere_is_busy(shared: str) -> None:
    """The error names the process; when it ends, or is killed, the thread is free."""
    with process("hold", shared, "t") as other:
        assert said(other) == "held"
        with open_journal(shared) as journal:
            with pytest.raises(ThreadBusyError, match=f"by process {other.pid}") as caught:
                journal.resume("t")
            assert caught.value.facts["pid"] == other.pid
            with pytest.raises(ThreadBusyError):
                journal.begin("t", state={})
            with journal.begin("free", state={}):
                pass
            other.kill()
            other.wait()
            with taken_up(journal) as log:
                assert log.resumed
            assert [row.status for row in journal.runs("t")] == ["running"]


def test_two_processes_take_up_one_thread(shared: str, tmp_path: Path) -> None:
    """One wins and walks every step once; the other says that it is busy, and by whom."""
    with open_journal(shared) as journal:
        journal.begin("t", state={"n": 0}).close()
    with (
        process("run", shared, "t", str(tmp_path / "n")) as one,
        process("run", shared, "t", str(tmp_path / "n")) as two,
    ):
        assert (said(one), said(two)) == ("ready", "ready")
        for started in (one, two):
            assert started.stdin is not None
            started.stdin.write("go\n")
            started.stdin.flush()
        told = sorted((said(one), said(two)))
        assert told in ([f"busy {one.pid}", "done"], [f"busy {two.pid}", "done"])
    assert (tmp_path / "n").read_text().split() == [str(n) for n in range(10)]


def test_many_takers_in_one_process(journal: Journal) -> None:
    """Threads of a program are no better than processes."""
    got: list[object] = []
    gate = threading.Barrier(8)

    def take() -> None:
        gate.wait()
        try:
            got.append(journal.begin("t", state={}))
        except ThreadBusyError as error:
            got.append(error)

    takers = [threading.Thread(target=take) for _ in range(8)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    (winner,) = [log for log in got if not isinstance(log, ThreadBusyError)]
    assert len(got) == 8
    winner.close()  # type: ignore[attr-defined] # what is no error is a log
    with journal.begin("t", state={}) as log:
        assert log.resumed


def test_a_log_that_was_forgotten_gives_its_thread_back(journal: Journal) -> None:
    """Nobody can write with it any more, so nobody is kept waiting."""
    log = journal.begin("t", state={"n": 1})
    with pytest.raises(ThreadBusyError):
        journal.resume("t")
    del log
    with taken_up(journal) as again:
        assert again.resumed


def test_another_machine_keeps_a_thread_until_it_expires(uri: str) -> None:
    """Nobody can see its process: the heartbeat decides. Then it can write no more."""
    now = [1000.0]
    with open_journal(uri, clock=lambda: now[0]) as here:
        there = type(here)(here._database, clock=lambda: now[0], holder=lambda: ELSEWHERE)
        log = there.begin("t", state={"n": 1})
        lane = log.lane()
        lane.record(1, "a", 1, {"n": 2}, None, "b", 0.0, 0.0)
        now[0] += LIFE - 1
        with pytest.raises(ThreadBusyError, match="other-machine"):
            here.resume("t")
        now[0] += 2
        with taken_up(here) as again:
            for write in (
                lambda: lane.record(2, "b", 1, {"n": 3}, None, "c", 0.0, 0.0),
                lambda: log.finish("final", {"n": 2}),
                lambda: log.interrupt("b", "before", {"n": 2}),
                lambda: lane.step(2, "b").run("k", "k", lambda: 1, None),
            ):
                with pytest.raises(LeaseLostError, match="another process took it"):
                    write()
            again.lane().record(2, "b", 2, {"n": 4}, None, "c", 0.0, 0.0)
        log.close()
        assert [(s.step, s.kind) for s in here.steps(log.run_id, "")] == [
            (1, "step"),
            (2, "lost"),
            (2, "step"),
        ]


def test_a_heartbeat_renews_what_is_held(shared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the process lives, and no thread is left behind."""
    monkeypatch.setattr(lease, "BEAT", 0.01)
    now = [1000.0]
    renewed = threading.Event()
    with open_journal(shared, clock=lambda: now[0], holder=lambda: ELSEWHERE) as journal:
        with journal.begin("t", state={}) as log:
            assert log.lease.thread_id == "t"
            now[0] = 2000.0
            journal.observe(lambda name: renewed.set() if name == "after:renew" else None)
            assert renewed.wait(10)
            here = type(journal)(journal._database, clock=lambda: now[0])
            with pytest.raises(ThreadBusyError):
                here.resume("t")
        journal.observe(None)
    assert not [t for t in threading.enumerate() if t.name == "journal-heartbeat"]


def test_a_process_is_told_from_another_of_its_number() -> None:
    """By the moment it was born."""
    mine = this_process()
    assert is_alive(mine)
    assert not is_alive(mine._replace(born="1")) or not mine.born
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not is_alive(Holder(mine.machine, gone.pid, "1"))


def test_an_ended_process_that_nobody_waited_for_is_dead() -> None:
    """A zombie runs nothing."""
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as gone:
        assert gone.stdout is not None
        born = lease._born(gone.pid)
        gone.stdout.read()
        holder = Holder(this_process().machine, gone.pid, born or "1")
        for _ in range(200):
            if not is_alive(holder):
                break
            threading.Event().wait(0.01)
        assert not is_alive(holder)


def test_a_run_that_ended_meanwhile_is_not_begun_again(uri: str) -> None:
    """Between the look at it and the lease, its process came to the end."""
    with open_journal(uri) as journal:
        log = journal.begin("t", state={"n": 1})

        def finish(name: str) -> None:
            if name == "before:resume":
                journal.observe(None)
                log.finish("final", {"n": 2})
                log.close()

        journal.observe(finish)
        ended = journal.resume("t")
        assert ended is not None
        assert ended.ended is not None
        assert journal.run(log.run_id).status == "final"
        with journal.begin("t", state={}) as new:
            assert not new.resumed
