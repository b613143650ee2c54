"""What the pages of worlds show beyond the console is real, too."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from codeanatomy.ecs import foreign
from docs import console
from tests.house.source import ROOT, committed, shown

if TYPE_CHECKING:
    from pathlib import Path

HOW_TO = ROOT / "docs" / "how-to"
FILE = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TEXT = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_the_processor_in_c_is_real(tmp_path: Path) -> None:
    """It compiles without a warning, as the page says, and prints what the page shows."""
    page = (HOW_TO / "native-processors.md").read_text("utf-8")
    for name, text in FILE.findall(page):
        (tmp_path / name).write_text(text, "utf-8")
    include = f"-I{foreign.__path__[0]}"
    build = ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", include]
    subprocess.run([*build, "cool.c", "-o", "cool.so"], cwd=tmp_path, check=True)
    done = subprocess.run(
        [sys.executable, "cool.py", "./cool.so"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert [done.stdout] == TEXT.findall(page)


def test_every_step_of_the_worlds_tutorial_is_run() -> None:
    """From an empty world to the plot: under each heading something is shown that a test runs."""
    page = (ROOT / "docs" / "tutorial" / "first-world.md").read_text("utf-8")
    parts = re.split(r"^## (\d+)\. ", page, flags=re.MULTILINE)
    assert parts[1::2] == [str(number) for number in range(1, 9)]
    assert all(">>> " in "".join(console.blocks(part)) for part in parts[2::2])


def test_every_example_of_a_world_is_told_of() -> None:
    """Each is run by a test of worlds, and a page leads to it or runs it."""
    pages = "".join(p.read_text("utf-8") for p in (ROOT / "docs").rglob("*.md"))
    examples = [path.name for path in committed() if shown(path).startswith("examples/ecs/")]
    assert examples
    assert [name for name in examples if f"ecs/{name}" not in pages] == []
