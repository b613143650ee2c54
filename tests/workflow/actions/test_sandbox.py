"""The process that runs restricted code: what it sees, and how it ends."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codeanatomy.workflow.actions._sandbox import Sandbox
from codeanatomy.workflow.actions.code import Sandboxes

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Give a sandbox that is closed at the end."""
    with Sandbox() as one:
        yield one


def processes() -> set[int]:
    """Return the processes of this machine that run the sandbox's program for us."""
    mine = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if b"_sandbox_child" in words and int(parent) == os.getpid():
            mine.add(int(folder.name))
    return mine


def test_a_sandbox_survives_its_code(sandbox: Sandbox) -> None:
    """After an exception, a policy error and a time-out its variables are still there."""
    sandbox.run("x = [1]", 5, 1000)
    for code in ("1 / 0", "().__class__", "while True: pass"):
        assert sandbox.run(code, 0.1, 1000)["success"] is False
    assert sandbox.run("result = x", 5, 1000)["return_value"] == [1]


def test_a_process_that_must_be_ended_begins_anew(sandbox: Sandbox) -> None:
    """A call that hears no alarm ends the process; the next text has a new one."""
    sandbox.run("x = 1", 5, 1000)
    stuck = sandbox.run("y = 10 ** 10 ** 9", 0.1, 1000)
    assert stuck["error"] == "Execution timed out after 0.1 seconds"
    assert sandbox.run("result = 2", 5, 1000)["return_value"] == 2


def test_the_result_of_one_text_is_not_that_of_the_next(sandbox: Sandbox) -> None:
    """`result` is cleared before a text."""
    sandbox.run("result = 1", 5, 1000)
    assert sandbox.run("pass", 5, 1000)["return_value"] is None


@pytest.mark.parametrize(
    "code",
    [
        "result = lambda: 1",
        "class A:\n    x = 1\nresult = A()",
        "a = []\nfor i in range(100000): a = [a]\nresult = a",
        "a = []\na.append(a)\nresult = a",
    ],
)
def test_what_is_no_data_comes_back_as_text(sandbox: Sandbox, code: str) -> None:
    """Or with its text where it is too deep: nothing of the sandbox is unpickled."""
    found = sandbox.run(code, 5, 1000)
    assert found["success"] is True
    assert isinstance(found["return_value"], str | list)


def test_a_flood_of_results_is_cut_off(sandbox: Sandbox) -> None:
    """An answer far beyond its limit ends the process."""
    found = sandbox.run("result = 'x' * 5000000", 5, 100)
    assert found["success"] is False
    assert "longer than" in found["error"]


def test_code_knows_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is started without it."""
    monkeypatch.setenv("PLANTED", "secret-value")
    with Sandbox() as sandbox:
        sandbox.run("pass", 5, 1000)
        (process,) = processes()
        assert b"secret-value" not in Path(f"/proc/{process}/environ").read_bytes()


def test_sandboxes_end_with_their_engine() -> None:
    """Closing them leaves no process."""
    boxes = Sandboxes()
    for _ in range(2):
        boxes.execute(boxes.create()["sandbox_id"], "x = 1", 5, 1000)
    assert len(processes()) == 2
    boxes.close()
    assert processes() == set()
    assert boxes.listing()["count"] == 0


def test_the_process_is_bounded_by_the_system() -> None:
    """It may neither open nor write a file, nor take more than its memory."""
    with Sandbox() as sandbox:
        sandbox.run("pass", 5, 1000)
        (process,) = processes()
        lines = Path(f"/proc/{process}/limits").read_text().splitlines()
    limits = {line[:26].strip(): line[26:].split()[:2] for line in lines}
    assert limits["Max open files"] == ["3", "3"]
    assert limits["Max file size"] == ["0", "0"]
    assert limits["Max address space"] == [str(512 << 20)] * 2
