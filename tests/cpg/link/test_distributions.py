"""What a repository declares says which distribution a module comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codeanatomy.cpg.link.distributions import declared

if TYPE_CHECKING:
    from pathlib import Path


def write(root: Path, name: str, text: str) -> None:
    """Write a file below `root`."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_pyproject_dependencies_options_and_groups_are_read(tmp_path: Path) -> None:
    """Names are normalised; an exact version is kept, a range is not a version."""
    write(
        tmp_path,
        "pyproject.toml",
        """
        [build-system]
        requires = ["Hatch_Ling==1.33.0"]
        [project]
        dependencies = ["PyYAML>=6", "pillow == 10.1.0 ; python_version > '3'", "a.b[extra]===1.0"]
        [project.optional-dependencies]
        db = ["psycopg2-binary~=2.9"]
        [dependency-groups]
        dev = ["pytest", {include-group = "db"}]
        """,
    )
    assert declared(tmp_path) == {
        "PIL": ("pillow", "10.1.0"),
        "_pytest": ("pytest", None),
        "a.b": ("a-b", "1.0"),
        "a_b": ("a-b", "1.0"),
        "Hatch_Ling": ("hatch-ling", "1.33.0"),
        "hatch_ling": ("hatch-ling", "1.33.0"),
        "psycopg2": ("psycopg2-binary", None),
        "pytest": ("pytest", None),
        "yaml": ("pyyaml", None),
    }


def test_requirements_files_are_read(tmp_path: Path) -> None:
    """Comments, options, addresses and paths are no requirements; the first exact version wins."""
    write(tmp_path, "requirements.txt", "# all\nrich>=13  # text\n-r more.txt\n./local\n")
    write(tmp_path, "requirements-dev.txt", "rich==13.7.1 --hash=sha256:00\ngit+https://x/y\n")
    write(tmp_path, "requirements/test.txt", "rich==1.0\nattrs==23.1.*\n")
    assert declared(tmp_path) == {
        "attr": ("attrs", None),
        "attrs": ("attrs", None),
        "rich": ("rich", "13.7.1"),
    }


def test_setup_cfg_and_poetry_are_read(tmp_path: Path) -> None:
    """A bare version means a compatible one in Poetry's tables; the interpreter is left out."""
    write(
        tmp_path,
        "setup.cfg",
        "[options]\ninstall_requires =\n  six==1.16.0\n[options.extras_require]\nx = attrs\n",
    )
    write(
        tmp_path,
        "pyproject.toml",
        """
        [tool.poetry.dependencies]
        python = "^3.11"
        httpx = "0.27"
        [tool.poetry.group.dev.dependencies]
        mypy = { version = "==1.8.0" }
        """,
    )
    found = declared(tmp_path)
    assert found["six"] == ("six", "1.16.0")
    assert found["httpx"] == ("httpx", None)
    assert found["mypy"] == ("mypy", "1.8.0")
    assert sorted(found) == ["attr", "attrs", "httpx", "mypy", "six"]


@pytest.mark.parametrize("text", ["[project", "[project]\ndependencies = 3", "\x00"])
def test_a_broken_file_says_nothing(tmp_path: Path, text: str) -> None:
    """Nothing is raised, and what other files say still counts."""
    write(tmp_path, "pyproject.toml", text)
    write(tmp_path, "setup.cfg", "no section\n")
    write(tmp_path, "requirements.txt", "rich\n")
    assert declared(tmp_path) == {"rich": ("rich", None)}


def test_setup_py_is_not_run(tmp_path: Path) -> None:
    """Its dependencies would be known only by running it."""
    write(tmp_path, "setup.py", "open('ran', 'w')\nsetup(install_requires=['six'])\n")
    assert declared(tmp_path) == {}
    assert not (tmp_path / "ran").exists()
