"""An environment is an input of a build: a setting names it, what is found in it counts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import codeanatomy as ca
from codeanatomy.cpg import build as verb
from codeanatomy.cpg.outside.environment import NoEnvironmentError
from codeanatomy.cpg.stages.linking import link_repositories
from codeanatomy.cpg.stages.publish import inputs
from tests.builds import built, write

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.cpg.stages.stage import Stage

SITE = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


def test_what_was_found_is_part_of_what_a_build_is_made_of() -> None:
    """Another hash, a module more or less: other inputs."""
    seen = [inputs([], {}, found)[""] for found in ({}, {"foo": ""}, {"foo": "a"}, {"foo": "b"})]
    assert len(set(seen)) == 4


def test_a_build_says_which_environment_it_may_read(tmp_path: Path) -> None:
    """The manifest keeps where it is, which is a fact of this machine; and all that was asked."""
    write(tmp_path / "env", {f"{SITE}/foo.py": ""})
    repo = write(tmp_path / "repo", {"a.py": "import foo\n"})
    about = built(repo, tmp_path / "s", python=str(tmp_path / "env")).facts["repos"]["shop"]
    assert about["python"] == str(tmp_path / "env")
    assert isinstance(about["asked_outside"], list)
    assert built(repo, tmp_path / "s2").facts["repos"]["shop"]["python"] is None


def test_a_wrong_environment_leaves_no_store(tmp_path: Path) -> None:
    """It is refused before anything is read or written."""
    repo = write(tmp_path / "repo", {"a.py": ""})
    with pytest.raises(NoEnvironmentError, match="does not exist"):
        ca.build(repo, tmp_path / "s", python=tmp_path / "none")
    assert not (tmp_path / "s").exists()


def test_in_a_file_of_settings_it_counts_from_there(tmp_path: Path) -> None:
    """As every place does."""
    write(tmp_path / "repo", {f"env/{SITE}/foo.py": "", "codeanatomy.toml": 'python = "env"\n'})
    graph = ca.build(tmp_path / "repo", tmp_path / "s")
    (about,) = graph.manifest.facts["repos"].values()
    assert about["python"] == str(tmp_path / "repo" / "env")


def test_an_upgrade_is_a_change_and_what_nobody_asked_for_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a build looked up is looked up again before the next: found otherwise, it is built."""

    def asking(stage: Stage) -> None:
        stage.outside.find("foo")
        stage.outside.find("gone")
        link_repositories(stage)

    monkeypatch.setattr(verb, "link_repositories", asking)
    env = write(tmp_path / "env", {f"{SITE}/foo.py": "x = 1\n"})
    repo = write(tmp_path / "repo", {"a.py": "import foo, gone\n"})
    numbers = [built(repo, tmp_path / "s", python=str(env)).number]
    for name in ("other.py", "foo.py", "gone.pyi"):
        write(env, {f"{SITE}/{name}": "x = 2\n"})
        numbers.append(built(repo, tmp_path / "s", python=str(env)).number)
    (env / SITE / "foo.py").rename(env / SITE / "was.py")
    numbers.append(built(repo, tmp_path / "s", python=str(env)).number)
    assert numbers == [0, 0, 1, 2, 3]
    env.rename(tmp_path / "moved")
    assert built(repo, tmp_path / "s", python=str(tmp_path / "moved")).number == 3
    assert built(repo, tmp_path / "s").number == 4
