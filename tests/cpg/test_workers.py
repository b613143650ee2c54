"""Processes that read: they may die, and they leave nothing behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import codeanatomy
from codeanatomy.cpg.observe import packs
from codeanatomy.cpg.observe.observer import Numbered, Observer
from codeanatomy.cpg.observe.workers import INLINE_BYTES
from tests.builds import SHOP, rows, write

EXTRACTORS = ("repo", "ast", "symtable")
SCRIPT = """\
import codeanatomy as ca
graph = ca.build("repo", store="store", jobs=2)
print(graph.sql("select count(*) as n from files").to_pylist())
"""


class Bomb(bytes):
    """A source that ends the process which unpacks it, as one that crashes the parser would."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pack a call that nothing survives."""
        return (os._exit, (1,))


def _file(number: int, raw: bytes) -> Numbered:
    return Numbered(number, f"m{number}.py", sha256(raw).hexdigest(), len(raw), raw)


def _many() -> list[Numbered]:
    """Make more source than is read without processes."""
    body = "".join(f"def f{n}(a): return [a + x for x in b{n}]\n" for n in range(500))
    files = [_file(n, f"x = {n}\n{body}".encode()) for n in range(1, 25)]
    assert sum(f.size for f in files) > 4 * INLINE_BYTES
    return files


def test_a_file_that_kills_is_found_and_said(tmp_path: Path) -> None:
    """It has a row for each extractor, which no later build trusts; the others are whole."""
    files = _many()
    guilty = files[7]._replace(raw=Bomb(files[7].raw))
    observer = Observer(tmp_path / "bombed", EXTRACTORS, 2, lambda _: None)
    observer.observe([*files[:7], guilty, *files[8:]])
    found = observer.tables(files)
    errors = found["extraction_errors"].to_pylist()
    assert {(e["file_no"], e["extractor"], e["error"]) for e in errors} == {
        (guilty.file_no, name, "Crash") for name in EXTRACTORS
    }
    others = [*files[:7], *files[8:]]
    calm = Observer(tmp_path / "calm", EXTRACTORS, 2, lambda _: None)
    calm.observe(others)
    expected = calm.tables(others)
    for name, table in expected.items():
        if name != "extraction_errors":
            assert found[name].equals(table), name
    again = Observer(tmp_path / "bombed", EXTRACTORS, 2, lambda _: None)
    assert again.misses(f.sha256 for f in files) == {guilty.sha256}
    again.observe(files)
    assert again.fresh == 1
    assert again.tables(files)["extraction_errors"].num_rows == 0


def test_workers_that_cannot_start_accuse_nobody(tmp_path: Path) -> None:
    """Where the package is taken away meanwhile, the build fails: no file is said to crash."""
    package = Path(codeanatomy.__file__).parent
    shutil.copytree(package, tmp_path / "lib/codeanatomy")
    body = "".join(f"def f{n}(a): return [a + x for x in b{n}]\n" for n in range(3000))
    write(tmp_path / "repo", {"a.py": body, "b.py": body + "x = 1\n"})
    script = """
import os, sys, codeanatomy.cpg.build
from codeanatomy.cpg.observe import workers
os.unlink(workers.__file__)
import codeanatomy as ca
try:
    ca.build("repo", store="store", jobs=2)
except ca.AnatomyError as error:
    print(error.code, os.path.exists("store/manifests"))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ":".join([str(tmp_path / "lib"), *sys.path])},
    )  # fmt: skip
    assert done.stdout == "worker False\n", done.stderr


def test_what_killed_builds_left_goes_a_day_later(tmp_path: Path) -> None:
    """Half-written packs and verdicts of one build; those of today may be another's."""
    old, new = tmp_path / "ast-1/old.7.tmp", tmp_path / "ast-1/new.7.tmp"
    once = tmp_path / f"ast-1/x{packs.ONCE}"
    write(tmp_path / "ast-1", {path.name: "x" for path in (old, new, once)})
    for path in (old, once):
        os.utime(path, (1, 1))
    assert packs.prune(tmp_path, 1 << 30) == 0
    assert [p.name for p in (tmp_path / "ast-1").iterdir()] == [new.name]


def test_the_packs_used_last_stay(tmp_path: Path) -> None:
    """What has not been used for longest goes first."""
    for number, name in enumerate(("a", "b", "c")):
        path = write(tmp_path / "ast-1", {f"{name}.pack": "12345"}) / f"{name}.pack"
        os.utime(path, (number, number))
    assert packs.prune(tmp_path, 10) == 1
    assert sorted(p.name for p in (tmp_path / "ast-1").iterdir()) == ["b.pack", "c.pack"]


def test_a_plain_script_may_build(tmp_path: Path) -> None:
    """Without a guard around it: workers do not run the script again, nothing stays, no warning."""
    body = "".join(f"def f{n}(a): return [a + x for x in b{n}]\n" for n in range(300))
    write(tmp_path / "repo", SHOP | {f"m{n}.py": f"x = {n}\n{body}" for n in range(12)})
    write(tmp_path, {"script.py": SCRIPT, "tmp/.keep": ""})
    environment = {
        **os.environ, "TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip
    command = [sys.executable, "-X", "dev", "-W", "error", str(tmp_path / "script.py")]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[{'n': 17}]\n", "")
    assert [p.name for p in (tmp_path / "tmp").iterdir()] == [".keep"]
    assert len(list((tmp_path / "store/cache").glob("ast-*/*.pack"))) > 1
    assert not list((tmp_path / "store/cache").glob("*/*.tmp"))
    assert len(rows(tmp_path / "store", "files")) == 17
