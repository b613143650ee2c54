"""What a repository says of itself: whether others install it, and the scripts it gives them."""

from __future__ import annotations

import tomllib
from configparser import ConfigParser
from configparser import Error as ConfigError
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Project(NamedTuple):
    """Whether it is a distribution, and the qualified names that its entry points name."""

    distribution: bool
    scripts: tuple[str, ...]


def project(root: Path) -> Project:
    """Read `pyproject.toml` and `setup.cfg` of a repository; `setup.py` is seen, never run.

    What cannot be read as it should be says nothing.
    """
    toml, cfg = _toml(root / "pyproject.toml"), _cfg(root / "setup.cfg")
    own, poetry = _table(toml, "project"), _table(toml, "tool", "poetry")
    named = bool(own.get("name") or poetry.get("name")) or cfg.has_option("metadata", "name")
    found = [*_toml_scripts(own, poetry), *_cfg_scripts(cfg)]
    names = (text.partition("[")[0].strip().replace(":", ".") for text in found)
    return Project(
        named or (root / "setup.py").is_file(), tuple(dict.fromkeys(name for name in names if name))
    )


def _toml_scripts(own: dict[str, Any], poetry: dict[str, Any]) -> Iterator[str]:
    groups = _table(own, "entry-points")
    tables = [_table(own, "scripts"), _table(own, "gui-scripts"), _table(poetry, "scripts")]
    for table in [*tables, *(_table(groups, name) for name in groups)]:
        yield from (value for value in table.values() if isinstance(value, str))


def _cfg_scripts(cfg: ConfigParser) -> Iterator[str]:
    if cfg.has_section("options.entry_points"):
        for text in dict(cfg.items("options.entry_points", raw=True)).values():
            for line in text.splitlines():
                yield line.partition("=")[2].strip()


def _table(toml: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        found = toml.get(name)
        toml = found if isinstance(found, dict) else {}
    return toml


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _cfg(path: Path) -> ConfigParser:
    found = ConfigParser(interpolation=None, strict=False)
    try:
        found.read_string(path.read_text("utf-8"))
    except (OSError, ValueError, ConfigError):
        return ConfigParser()
    return found
