"""Where the commands of a drawing run: windows of tmux, or plain processes of their own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

WAIT = 0.1  # seconds between two looks at whether a window is done
LONGEST = 25  # characters of a label in a window's name


def has_tmux() -> bool:
    """Tell whether tmux is installed."""
    return shutil.which("tmux") is not None


def window_name(label: str, phase: int, place: int) -> str:
    """Name a window: what is safe of the label, its phase and its place in it."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "_", label).strip("_") or "node"
    return f"{safe[:LONGEST]}_{phase}_{place}"


class Tmux:
    """One session, one window a node; a window tells how it ended in a file."""

    def __init__(self, session: str, run_id: str, place: Path) -> None:
        self.session, self.run_id, self.place = session, run_id, place
        self._stopped = threading.Event()
        self._lock = threading.Lock()

    def run(self, label: str, command: str, phase: int, place: int) -> int:
        """Run a command in a window of its own; return its exit code."""
        window = window_name(label, phase, place)
        done = self.place / f"tea_dot_exit_{self.run_id}_{window}"
        part = done.with_name(f"{done.name}.part")
        finished = f"echo $? > {shlex.quote(str(part))}; mv {shlex.quote(str(part))} "
        line = f"( {command}\n); {finished}{shlex.quote(str(done))}"
        self._open(window, line)
        try:
            while not done.exists():
                if self._stopped.is_set() or not self._is_open(window, done):
                    return 1
                time.sleep(WAIT)
            return int(done.read_text() or 1)
        finally:
            done.unlink(missing_ok=True)
            part.unlink(missing_ok=True)

    def stop(self) -> None:
        """End the session and all that runs in it."""
        self._stopped.set()
        _tmux("kill-session", "-t", self.session)

    def _open(self, window: str, line: str) -> None:
        shell = f"sh -c {shlex.quote(line)}"
        with self._lock:
            if _tmux("has-session", "-t", self.session):
                _tmux("new-session", "-d", "-s", self.session, "-n", window, shell, check=True)
            else:
                _tmux("new-window", "-d", "-t", f"{self.session}:", "-n", window, shell, check=True)

    def _is_open(self, window: str, done: Path) -> bool:
        words = ["tmux", "list-windows", "-t", self.session, "-F", "#W"]
        listed = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        return window in listed.stdout.split("\n") or done.exists()


class Processes:
    """A process a node, with what it writes passed on."""

    def __init__(self, run_id: str, place: Path) -> None:
        self.run_id, self.place = run_id, place
        self._running: set[subprocess.Popen[bytes]] = set()

    def run(self, label: str, command: str, phase: int, place: int) -> int:  # noqa: ARG002 - as in tmux
        """Run a command; return its exit code."""
        process = subprocess.Popen(  # noqa: S602 - the drawing is a program: its commands are meant for the shell
            command, shell=True, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self._running.add(process)
        try:
            return process.wait()
        finally:
            self._running.discard(process)

    def stop(self) -> None:
        """End every process, and what it started."""
        for process in list(self._running):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)


def _tmux(*words: str, check: bool = False) -> int:
    command = ["tmux", *words]
    return subprocess.run(command, capture_output=True, check=check).returncode  # noqa: S603 - our own words
