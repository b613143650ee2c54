"""Crews: jobs in as few threads as do, and in as many as it takes."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from codeanatomy.workflow.parallel.crew import Crew
from codeanatomy.workflow.parallel.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Task:
    """Something to do."""

    number: int
    started: float | None = None
    finished: bool = False
    abandoned: bool = False
    halt: bool = False
    threads: list[int] = field(default_factory=list)


def crew(
    count: int, work: Callable[[Task], None], limit: int = 100, *, loud: bool = False
) -> tuple[list[Task], Crew[Task]]:
    """Make a crew for so many tasks."""
    tasks = [Task(number) for number in range(count)]
    return tasks, Crew(tasks, work, limit, loud=loud)


def finish(made: Crew[Task]) -> None:
    """Wait until a crew has nothing left to do."""
    made.start()
    until = time.monotonic() + 10
    while made.left and time.monotonic() < until:
        made.wait(1.0)
    assert made.left == 0


def note(task: Task) -> None:
    """Write down which thread it was."""
    task.threads.append(threading.get_ident())


def test_every_job_is_done_once() -> None:
    """And all of them are there to be taken out."""
    tasks, made = crew(50, note)
    finish(made)
    assert [len(t.threads) for t in tasks] == [1] * 50
    assert sorted(t.number for t in made.done) == list(range(50))


def meeting(count: int) -> Callable[[Task], None]:
    """Make work that waits until so many do it."""
    barrier = threading.Barrier(count)

    def work(_task: Task) -> None:
        barrier.wait(timeout=5)

    return work


def test_jobs_that_wait_for_each_other_all_begin() -> None:
    """Each gets a thread where none gets done."""
    _, made = crew(20, meeting(20))
    finish(made)


def test_nothing_to_do_is_done_at_once() -> None:
    """A crew without jobs has nothing left from the beginning."""
    _, made = crew(0, note)
    made.start()
    assert made.left == 0


@pytest.mark.parametrize("limit", [1, 2])
def test_a_limit_holds(limit: int) -> None:
    """No more jobs are begun at once."""
    lock, running, most = threading.Lock(), [0], [0]

    def work(_task: Task) -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.005)
        with lock:
            running[0] -= 1

    _, made = crew(6, work, limit)
    finish(made)
    assert most[0] == limit


def test_a_job_that_is_given_up_frees_its_place() -> None:
    """The others get done, and it is not counted when it ends after all."""
    release = threading.Event()

    def work(task: Task) -> None:
        if task.number == 0:
            release.wait(timeout=10)

    tasks, made = crew(3, work, 1)
    made.start()
    while tasks[0].started is None:
        time.sleep(0.001)
    assert made.abandon(tasks[0])
    finish(made)
    assert [t.number for t in made.done] == [1, 2]
    assert not made.abandon(tasks[1])
    release.set()


def test_a_job_that_halts_is_the_last() -> None:
    """What has not begun is left, for whoever waits to give up."""

    def work(task: Task) -> None:
        task.halt = task.number == 1

    tasks, made = crew(5, work, 1)
    made.start()
    while not tasks[1].finished:
        time.sleep(0.001)
    assert [t.number for t in made.abandon_all(tasks)] == [2, 3, 4]
    assert made.left == 0


def test_a_loud_crew_tells_of_every_job() -> None:
    """A wait ends with the first one that is done."""
    release = threading.Event()

    def work(task: Task) -> None:
        if task.number:
            release.wait(timeout=10)

    _, made = crew(2, work, loud=True)
    made.start()
    made.wait(10.0)
    assert [t.number for t in made.done] == [0]
    release.set()
    finish(made)


def test_a_thread_is_used_again() -> None:
    """The second piece of work finds the first one's thread."""
    workers = Workers(rest=5.0)
    seen: list[int] = []
    for _ in range(2):
        done = threading.Event()

        def work(done: threading.Event = done) -> None:
            seen.append(threading.get_ident())
            done.set()

        workers.start(work)
        assert done.wait(5)
        time.sleep(0.02)
    assert seen[0] == seen[1]


def test_a_thread_without_work_goes_home() -> None:
    """After its rest it is not there any longer."""
    workers = Workers(rest=0.01)
    threads: list[threading.Thread] = []
    workers.start(lambda: threads.append(threading.current_thread()))
    until = time.monotonic() + 5
    while (not threads or threads[0].is_alive()) and time.monotonic() < until:
        time.sleep(0.005)
    assert not threads[0].is_alive()
    assert threads[0].daemon
