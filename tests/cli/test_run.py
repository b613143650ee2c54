"""How commands end: exit statuses, one error block, never a traceback unless asked for."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cli.run import run as run_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Done


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [
        (["nope"], "usage", 2),
        (["query"], "usage", 2),
        (["query", "select 1", "--format", "xml"], "usage", 2),
        (["query", "select 1", "--version", "x"], "usage", 2),
        (["tables", "a", "b"], "usage", 2),
        (["query", "select 1"], "no-graph", 2),
        (["build", "-s", "memory://"], "unsupported", 2),
        (["build", "nowhere"], "no-such-folder", 2),
        (["query", "select 1", "-s", "ftp://x"], "unsupported", 2),
    ],
)
def test_wrong_words_are_status_2(
    words: list[str], code: str, status: int, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """One block on standard error, and nothing on standard output."""
    monkeypatch.chdir(tmp_path)
    assert run_here(words) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error[{code}]: ")
    assert "Traceback" not in err


def test_an_unknown_command_names_some_that_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    """The list ends where the hint begins, without a loose comma."""
    assert run_here(["world", "nope"]) == 2
    assert ", ;" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("sql", "code", "status"),
    [
        ("select * from nope", "query", 2),
        ("drop table files", "query", 2),
        ("select * from cst_nodes", "query", 2),
        ("select 1 / (bstart - bstart) from nodes", "query-run", 5),
    ],
)
def test_each_failure_has_its_status(
    zoo: Path, sql: str, code: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong with the question is 2, what went wrong on the way is 5."""
    assert run_here(["query", sql, "-s", str(zoo)]) == status
    assert capsys.readouterr().err.startswith(f"error[{code}]: ")


def test_a_traceback_is_shown_when_asked_for(zoo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before the error block, which stays the last line."""
    assert run_here(["query", "select * from nope", "-s", str(zoo), "--traceback"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert err.splitlines()[-1].startswith("error[query]: ")


def test_what_is_unexpected_says_it_is_a_bug(
    zoo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception that nobody raised on purpose is told as such, with how to see more."""
    monkeypatch.setattr(sys, "stdin", None)
    assert run_here(["query", "-", "-s", str(zoo)]) == 5
    err = capsys.readouterr().err
    assert err.startswith("error[bug]: ")
    assert "--traceback" in err


def test_an_interrupt_is_status_130(zoo: Path) -> None:
    """Control-C while a command waits: it says that the store is unchanged."""
    command = [sys.executable, "-m", "codeanatomy", "query", "-", "-s", str(zoo)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=_hearing,  # noqa: PLW1509 - no thread of ours is running
    ) as process:  # fmt: skip
        _wait_until_it_reads(process.pid)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == 130
    assert err == b"interrupted; the store is unchanged\n"


def _hearing() -> None:
    """Let the command hear Ctrl-C, also where the tests themselves run in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_an_interrupt_of_what_is_being_loaded_is_quiet() -> None:
    """Control-C before the first command could begin: status 130, and no word."""
    code = (
        "import sys\nfrom codeanatomy.__main__ import main\n"
        "class Interrupts:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'codeanatomy.cli.run': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupts())\nsys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (130, b"")


def test_a_reader_that_goes_away_is_no_error(zoo: Path) -> None:
    """As in `codeanatomy query ... | head`."""
    sql = "select a.* from nodes a, nodes b, nodes c, nodes d"
    command = [sys.executable, "-m", "codeanatomy", "query", sql, "-f", "csv", "-s", str(zoo)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"node_id,")
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_help_names_every_command(run: Callable[..., Done]) -> None:
    """Each with its first sentence; asked for or with no word at all."""
    done = run("--help")
    assert done.status == 0
    for verb in ("build", "query", "tables", "show", "plan", "diag", "history", "config"):
        assert f" {verb} " in done.out
    assert run().out == done.out


def _wait_until_it_reads(pid: int) -> None:
    """Wait until a process sleeps in a read of its pipe."""
    for _ in range(600):
        try:
            where = str(Path(f"/proc/{pid}/fd/0").readlink())
            state = _stat(pid)
        except OSError:
            pytest.skip("needs /proc")
        if where.startswith("pipe:") and "pipe" in state:
            return
        time.sleep(0.05)
    pytest.fail("it never read")


def _stat(pid: int) -> str:
    return Path(f"/proc/{pid}/wchan").read_text("ascii")
