"""The commands of the house, for a machine with nothing but Python 3.11 or newer and git.

    python3 dev.py build [REPO ...]   set up, then build the code graph of REPO (default: this one)
    python3 dev.py test  [...]        set up, then run the tests on the installed wheel
    python3 dev.py check              ruff, mypy, the import contracts, the reference pages
    python3 dev.py docs               write docs/reference from the declarations

Everything goes into `.venv` beside this file (or `$UV_PROJECT_ENVIRONMENT`): packages at the
versions that `pyproject.toml` pins, and the wheels built from `src` and from `faces`. A second call
with nothing changed installs nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / os.environ.get("UV_PROJECT_ENVIRONMENT", ".venv")
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "codeanatomy-stamp.json"
UV = "0.13.8"
OLDEST = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
EXAMPLE = "SELECT kind, count(*) AS n FROM nodes GROUP BY kind ORDER BY n DESC LIMIT 5"


class SetUpError(Exception):
    """The set-up cannot go on; the message says what to do."""


def main(arguments: Sequence[str]) -> int:
    """Run the command named first in `arguments`; return the exit status."""
    commands = {"build": build, "test": test, "check": check, "docs": docs}
    if not arguments or arguments[0] not in commands:
        print(__doc__)
        return 0 if arguments in ([], ["-h"], ["--help"]) else 2
    if sys.version_info < OLDEST:
        print(f"dev.py: Python {sys.version.split()[0]} is too old: run this with 3.11 or newer")
        return 10
    try:
        return commands[arguments[0]](list(arguments[1:]))
    except SetUpError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 10
    except KeyboardInterrupt:
        return 130


def build(arguments: list[str]) -> int:
    """Build the code graph of a repository and say how to ask it something."""
    set_up(dev=False)
    if not arguments or arguments[0].startswith("-"):
        arguments = [str(ROOT), *arguments]
    store = _option(arguments, "-s", "--store")
    if store is None:
        store = str(Path(arguments[0]).resolve() / ".codeanatomy")
        arguments += ["--store", store]
    command = BIN / "codeanatomy"
    status = _run([command, "build", *arguments])
    if status == 0 and "--json" not in arguments:
        print(f'\nThe graph is in {store}. Try:\n  {command} query "{EXAMPLE}" -s "{store}"')
    return status


def test(arguments: list[str]) -> int:
    """Run the tests, on as many processes as there are cores unless `arguments` say more."""
    set_up(dev=True)
    workers = ["-n", str(min(os.cpu_count() or 1, 8))]
    return _run([PYTHON, "-m", "pytest", *(arguments or workers)], cwd=ROOT)


def check(arguments: list[str]) -> int:
    """Run every check that is not a test; all of them, even if one fails."""
    set_up(dev=True)
    source = {"PYTHONPATH": str(ROOT / "src")}
    checks: dict[str, int] = {}
    steps: list[tuple[str, list[str | Path], dict[str, str]]] = [
        ("ruff check", [BIN / "ruff", "check", "."], {}),
        ("ruff format", [BIN / "ruff", "format", "--check", "."], {}),
        ("mypy", [BIN / "mypy"], {}),
        ("imports", [BIN / "lint-imports"], source),
        ("docs", [PYTHON, ROOT / "docs" / "generate.py", "--check"], {}),
    ]
    for name, command, extra in steps:
        if not arguments or name in arguments:
            print(f"-- {name}", flush=True)
            checks[name] = _run(command, cwd=ROOT, extra=extra)
    failed = [name for name, status in checks.items() if status]
    print(f"checks: {len(checks) - len(failed)} passed, {len(failed)} failed", *failed)
    return 1 if failed else 0


def docs(arguments: list[str]) -> int:
    """Write the reference pages from the declarations."""
    set_up(dev=False)
    return _run([PYTHON, ROOT / "docs" / "generate.py", *arguments], cwd=ROOT)


def set_up(*, dev: bool) -> None:
    """Bring `.venv` up to date with `pyproject.toml` and `src`; does nothing if it already is."""
    wanted = _fingerprint()
    if wanted in _stamps(dev=dev):
        return
    _create_venv()
    with _alone():
        if wanted in _stamps(dev=dev):
            return
        _install_uv()
        _install(_build_wheels(), dev=dev)
        if dev:
            _install_browser()
        STAMP.write_text(json.dumps({"dev" if dev else "run": wanted}), "utf-8")


def _fingerprint() -> str:
    """Digest all that the wheel and its dependencies are made of."""
    digest = sha256(UV.encode())
    files = [ROOT / name for name in ("pyproject.toml", "README.md", "LICENSE")]
    for folder in ("src", "faces"):
        files += sorted(p for p in (ROOT / folder).rglob("*") if "__pycache__" not in p.parts)
    for path in files:
        if path.is_file():
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _stamps(*, dev: bool) -> list[str]:
    """Return the fingerprints that are installed; the tools of `dev` include all of `run`."""
    if not (STAMP.is_file() and _works(PYTHON)):
        return []
    stamps: dict[str, str] = json.loads(STAMP.read_text("utf-8"))
    return [stamp for kind, stamp in stamps.items() if kind == "dev" or not dev]


def _works(python: Path) -> bool:
    """Say whether `python` starts and is new enough."""
    return _output([python, "-c", f"import sys; print(sys.version_info >= {OLDEST})"]) == "True"


def _output(command: Sequence[str | Path]) -> str:
    """Return what `command` prints, or nothing if it fails or does not exist."""
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _create_venv() -> None:
    if _works(PYTHON):
        return
    _say(f"creating {VENV.name} with Python {sys.version.split()[0]}")
    if VENV.exists():
        shutil.rmtree(VENV)
    _must(
        [sys.executable, "-m", "venv", VENV],
        "cannot create a virtual environment; on Debian and Ubuntu: apt install python3-venv",
    )


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time change the environment."""
    try:
        import fcntl  # noqa: PLC0415 - not on Windows, where two set-ups at once are not guarded
    except ImportError:
        yield
        return
    with (VENV / "codeanatomy-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install_uv() -> None:
    if _output([BIN / "uv", "--version"]).split()[1:2] == [UV]:
        return
    _say(f"installing uv {UV}")
    if not _output([PYTHON, "-m", "pip", "--version"]):
        _must([PYTHON, "-m", "ensurepip"], "this Python has no pip; install python3-venv")
    _must([PYTHON, "-m", "pip", "install", "-q", f"uv=={UV}"], _offline("uv"))


def _build_wheels() -> list[Path]:
    """Build the package, then the faces that give it the names of other APIs."""
    _say("building the wheels")
    target = VENV / "wheel"
    shutil.rmtree(target, ignore_errors=True)
    for source in (ROOT, *sorted(p.parent for p in (ROOT / "faces").glob("*/pyproject.toml"))):
        command: list[str | Path] = [BIN / "uv", "build", "-q", "--wheel", "--python", PYTHON]
        command += ["--out-dir", target, source]
        _must(command, "the wheel does not build; " + _offline("hatchling"))
    return sorted(target.glob("*.whl"), key=lambda wheel: len(wheel.name))


def _install(wheels: list[Path], *, dev: bool) -> None:
    """Install the wheels and what they need; uv reads the pinned versions from pyproject.toml."""
    _say("installing pinned packages" + (" and tools" if dev else ""))
    command: list[str | Path] = [BIN / "uv", "pip", "install", "-q", "--python", PYTHON, *wheels]
    for wheel in wheels:
        command += ["--reinstall-package", wheel.name.partition("-")[0]]
    _must(command + (["--group", "dev"] if dev else []), _offline("packages"))


def _install_browser() -> None:
    """Install what tests of pages open them with, where it may be; elsewhere they are skipped."""
    may = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None
    if not may or any(shutil.which(name) for name in BROWSERS):
        return
    _say("installing the browser that tests of pages use")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    for command in (["apt-get", "update", "-qq"], install):
        if subprocess.run(
            command, check=False, capture_output=True, env=os.environ | quiet
        ).returncode:
            _say("no browser could be installed: tests of pages are skipped")
            return


def _offline(what: str) -> str:
    return (
        f"{what} could not be fetched or built (see above). Without a network, point "
        "UV_INDEX_URL and PIP_INDEX_URL at a mirror, or run this once where there is one."
    )


def _must(command: Sequence[str | Path], advice: str) -> None:
    """Run a step of the set-up; raises `SetUpError` with `advice` if it fails."""
    if _run(command, cwd=ROOT):
        raise SetUpError(advice)


def _run(
    command: Sequence[str | Path], cwd: Path | None = None, extra: dict[str, str] | None = None
) -> int:
    """Run `command`; no `PYTHONPATH` of the caller may put other sources before the wheel."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    sys.stdout.flush()
    return subprocess.run(command, check=False, cwd=cwd, env=env | (extra or {})).returncode


def _option(arguments: list[str], *names: str) -> str | None:
    """Return the value of an option in `arguments`, given as `-s X` or `--store=X`."""
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name in names:
            return value if equals else "".join(arguments[index + 1 : index + 2])
    return None


def _say(text: str) -> None:
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
