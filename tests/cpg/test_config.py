"""Settings in layers: which value wins, where it came from, and what is refused."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cpg.config import (
    SETTINGS,
    Config,
    ConfigError,
    UnknownSettingError,
    init_text,
    resolve,
    validate,
)
from codeanatomy.cpg.nodes import OFFERED_LAYERS
from codeanatomy.cpg.sources.select import SelectSpec
from codeanatomy.cpg.stages.asked import asked
from codeanatomy.kernel.errors import UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path

FILE, PROJECT = "codeanatomy.toml", "pyproject.toml"


def found(config: Config, name: str) -> tuple[object, str]:
    """Return a value and where it came from."""
    return config.values[name], config.sources[name]


def test_nothing_given_means_the_defaults(tmp_path: Path) -> None:
    """Every setting has a value and a source."""
    config = resolve(tmp_path, {}, {})
    assert config.values == {s.name: s.default for s in SETTINGS}
    assert set(config.sources.values()) == {"default"}


def test_a_layer_above_wins(tmp_path: Path) -> None:
    """Command line, environment, our file, the project's file, default: each says its source."""
    (tmp_path / PROJECT).write_text("[tool.codeanatomy]\njobs = 1\nverify = true\n\n")
    assert found(resolve(tmp_path, {}, {}), "jobs") == (1, "pyproject.toml:2")
    (tmp_path / FILE).write_text("# ours\n\njobs = 2\n")
    assert found(resolve(tmp_path, {}, {}), "jobs") == (2, "codeanatomy.toml:3")
    environ = {"CODEANATOMY_JOBS": "3", "HOME": "x"}
    assert found(resolve(tmp_path, {}, environ), "jobs") == (3, "environment CODEANATOMY_JOBS")
    config = resolve(tmp_path, {"jobs": 4, "store": None}, environ)
    assert found(config, "jobs") == (4, "command line")
    assert found(config, "verify") == (True, "pyproject.toml:3")
    assert found(config, "store") == (".codeanatomy", "default")


def test_a_list_is_replaced_and_not_joined(tmp_path: Path) -> None:
    """The highest layer says all of it, even when that is nothing."""
    (tmp_path / FILE).write_text('include = ["a", "b"]\nexclude = ["c"]\n')
    config = resolve(tmp_path, {"include": ["d"], "exclude": ()}, {})
    assert (config.texts("include"), config.texts("exclude")) == (("d",), ())


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("JOBS", "2", "jobs", 2),
        ("CACHE", "no", "cache", False),
        ("VERIFY", "1", "verify", True),
        ("SUBMODULES", "True", "submodules", True),
        ("INCLUDE", "a/*.py, b", "include", ("a/*.py", "b")),
        ("MAX_FILE_BYTES", "512 KiB", "max_file_bytes", 524_288),
        ("MEMORY_LIMIT", "1.5GB", "memory_limit", 1_500_000_000),
        ("ENGINE_SIZE", "large", "engine_size", "large"),
        ("STORE", "s3://bucket/graph", "store", "s3://bucket/graph"),
        ("NAME", "", "name", None),
    ],
)
def test_the_environment_is_text_read_by_type(
    tmp_path: Path, variable: str, text: str, name: str, value: object
) -> None:
    """Lists have commas, sizes units; an empty text sets nothing."""
    assert resolve(tmp_path, {}, {f"CODEANATOMY_{variable}": text}).values[name] == value


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("jobs = -1", "a whole number, 0 or more"),
        ("jobs = true", "a whole number, 0 or more"),
        ("jobs = '2'", "a whole number, 0 or more"),
        ("verify = 1", "true or false"),
        ("store = 1", "a text"),
        ("store = ''", "a text"),
        ('name = "a\\nb"', "a text"),
        ("include = 'a'", "a list of texts"),
        ("include = ['a', 1]", "a list of texts"),
        ("memory_limit = '2 hands'", "a number of bytes, or text such as '512 MB' or '2 GiB'"),
        ("engine_size = 'huge'", "auto, small, medium, large"),
        ("import_roots = ['../other']", "a list of folders inside the repository"),
        ("import_roots = ['/etc']", "a list of folders inside the repository"),
    ],
)
def test_a_value_of_the_wrong_type_says_what_would_do(
    tmp_path: Path, line: str, expected: str
) -> None:
    """File and line stand in the message and in the facts."""
    (tmp_path / FILE).write_text(f"# settings\n{line}\n")
    with pytest.raises(ConfigError, match=r"^codeanatomy\.toml:2: ") as caught:
        resolve(tmp_path, {}, {})
    facts = caught.value.facts
    assert (caught.value.code, caught.value.exit_status) == ("invalid-config", 2)
    assert (facts["file"], facts["line"], facts["expected"]) == (FILE, 2, expected)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "text"),
    [("JOBS", "many"), ("JOBS", "-1"), ("VERIFY", "maybe"), ("MAX_FILE_BYTES", "big")],
)
def test_an_environment_that_cannot_be_read_is_named(
    tmp_path: Path, variable: str, text: str
) -> None:
    """The variable and its text are in the message."""
    with pytest.raises(ConfigError, match=f"environment CODEANATOMY_{variable}: .*'{text}'"):
        resolve(tmp_path, {}, {f"CODEANATOMY_{variable}": text})


@pytest.mark.parametrize(
    ("name", "text", "line", "key", "nearest"),
    [
        (FILE, "jobs = 1\njosb = 2\n", 2, "josb", "jobs"),
        (FILE, "max-file-bytes = 2\n", 1, "max-file-bytes", "max_file_bytes"),
        (FILE, "\n[excludes]\na = 1\n", 2, "excludes", "exclude"),
        (PROJECT, "[tool.x]\njosb = 1\n[tool.codeanatomy]\nstor = 's'\n", 4, "stor", "store"),
        (PROJECT, "[tool]\ncodeanatomy.includ = []\n", 2, "includ", "include"),
        (PROJECT, "[tool.codeanatomy.layer]\nx = 1\n", 1, "layer", "layers"),
        (PROJECT, "tool = {codeanatomy = {verfy = true}}\n", None, "verfy", "verify"),
    ],
)
def test_an_unknown_key_names_the_nearest(
    tmp_path: Path, name: str, text: str, line: int | None, key: str, nearest: str
) -> None:
    """File and line say where it stands, wherever TOML lets it stand."""
    (tmp_path / name).write_text(text)
    with pytest.raises(UnknownSettingError, match=f"{key!r}; the nearest is {nearest!r}") as caught:
        resolve(tmp_path, {}, {})
    facts = caught.value.facts
    assert (facts["file"], facts["line"], facts["nearest"]) == (name, line, nearest)
    assert caught.value.code == "unknown-setting"


def test_an_unknown_variable_names_the_nearest(tmp_path: Path) -> None:
    """A slip in a variable's name does not pass in silence."""
    with pytest.raises(UnknownSettingError, match=r"CODEANATOMY_EXCLUDES: .*'exclude'"):
        resolve(tmp_path, {}, {"CODEANATOMY_EXCLUDES": "a"})


def test_an_unknown_override_names_the_nearest(tmp_path: Path) -> None:
    """So does one from the command line."""
    with pytest.raises(UnknownSettingError, match=r"command line: .*'follow_symlinks'"):
        resolve(tmp_path, {"follow_symlink": True}, {})


def test_a_file_that_is_not_toml_says_where(tmp_path: Path) -> None:
    """The line is a fact."""
    (tmp_path / FILE).write_text("jobs = 1\njobs = = 2\n")
    with pytest.raises(ConfigError, match=r"codeanatomy\.toml: cannot be read") as caught:
        resolve(tmp_path, {}, {})
    assert (caught.value.facts["file"], caught.value.facts["line"]) == (FILE, 2)


def test_a_file_that_is_not_text_says_so(tmp_path: Path) -> None:
    """TOML is UTF-8."""
    (tmp_path / FILE).write_bytes(b"name = '\xff'\n")
    with pytest.raises(ConfigError, match="cannot be read"):
        resolve(tmp_path, {}, {})


def test_a_byte_order_mark_is_no_key(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    (tmp_path / FILE).write_bytes(b"\xef\xbb\xbfjobs = 1\r\n")
    assert found(resolve(tmp_path, {}, {}), "jobs") == (1, "codeanatomy.toml:1")


def test_a_broken_project_file_without_our_table_is_not_ours_to_judge(tmp_path: Path) -> None:
    """The repository under analysis may be broken."""
    (tmp_path / PROJECT).write_text("<<<<<<< HEAD\n")
    assert resolve(tmp_path, {}, {}).sources["jobs"] == "default"


def test_a_broken_project_file_with_our_table_is_an_error(tmp_path: Path) -> None:
    """Settings that were meant must not be lost in silence."""
    (tmp_path / PROJECT).write_text("[tool.codeanatomy]\njobs = \n")
    with pytest.raises(ConfigError, match=r"pyproject\.toml: cannot be read"):
        resolve(tmp_path, {}, {})


def test_a_table_that_is_none_is_an_error(tmp_path: Path) -> None:
    """`tool.codeanatomy` must hold keys."""
    (tmp_path / PROJECT).write_text("[tool]\ncodeanatomy = 1\n")
    with pytest.raises(ConfigError, match=r"\[tool\.codeanatomy\] is not a table"):
        resolve(tmp_path, {}, {})


def test_validate_lists_everything_that_is_wrong(tmp_path: Path) -> None:
    """All at once, each with its line; nothing for a good file."""
    (tmp_path / FILE).write_text("jobs = 'a'\nverify = true\nnam = 'x'\n")
    wrong = validate(tmp_path / FILE)
    assert [(e.code, e.facts["line"]) for e in wrong] == [
        ("invalid-config", 1), ("unknown-setting", 3),
    ]  # fmt: skip
    (tmp_path / FILE).write_text("jobs = 1\n")
    assert validate(tmp_path / FILE) == ()


def test_validate_knows_layers_and_extractors(tmp_path: Path) -> None:
    """Each name that nothing declares, with those that are declared."""
    (tmp_path / FILE).write_text('layers = ["names", "nam", "x"]\n\nevidence = ["libcst", "ats"]\n')
    wrong = validate(tmp_path / FILE)
    assert [(e.facts["value"], e.facts["line"]) for e in wrong] == [
        ("nam", 1),
        ("x", 1),
        ("ats", 3),
    ]
    assert str(wrong[0]).startswith(f"{FILE}:1: no layer 'nam'; there are containment, syntax, ")


def test_validate_says_when_there_is_no_file_or_no_toml(tmp_path: Path) -> None:
    """One error, returned like the others."""
    assert [e.code for e in validate(tmp_path / FILE)] == ["invalid-config"]
    (tmp_path / FILE).write_text("=")
    assert [e.facts["line"] for e in validate(tmp_path / FILE)] == [1]


def test_the_first_file_has_every_setting_and_changes_none(tmp_path: Path) -> None:
    """As written it sets nothing; with every `#` removed it sets the defaults."""
    assert tomllib.loads(init_text()) == {}
    (tmp_path / FILE).write_text(re.sub(r"(?m)^# (?=\w+ = )", "", init_text()))
    config = resolve(tmp_path, {}, {})
    assert config.values == {s.name: s.default for s in SETTINGS}
    assert all(source.startswith(FILE + ":") for source in config.sources.values())


def test_an_unknown_layer_is_told_the_others_once(tmp_path: Path) -> None:
    """Those of every build and those one may name."""
    with pytest.raises(UnknownNameError, match="no layer 'nope'") as error:
        asked("shop", resolve(tmp_path, {"layers": ["nope"]}, {}), tmp_path)
    _, _, known = str(error.value).partition("; there are ")
    assert sorted(known.split(", ")) == sorted(OFFERED_LAYERS)


def test_each_setting_has_one_name_and_a_meaning() -> None:
    """The environment's name follows from it."""
    names = [s.name for s in SETTINGS]
    assert sorted(names) == sorted(set(names))
    assert all(s.meaning and s.env == f"CODEANATOMY_{s.name.upper()}" for s in SETTINGS)


def test_values_are_read_by_type(tmp_path: Path) -> None:
    """Each reader gives its own type, and None where nothing is set."""
    config = resolve(tmp_path, {"include": ["a"], "jobs": 2, "verify": True}, {})
    assert (config.text("store"), config.text("name")) == (".codeanatomy", None)
    assert (config.number("jobs"), config.number("memory_limit")) == (2, None)
    assert (config.flag("verify"), config.flag("notebooks")) == (True, False)
    assert (config.texts("include"), config.texts("layers")) == (("a",), ())


def test_the_choice_of_files_is_taken_from_the_settings(tmp_path: Path) -> None:
    """Every field of it is a setting with the same default."""
    assert SelectSpec.of(resolve(tmp_path, {}, {}).values) == SelectSpec()
    values = resolve(tmp_path, {"exclude": ["x"], "max_file_bytes": "1 kB"}, {}).values
    assert SelectSpec.of(values) == SelectSpec(exclude=("x",), max_file_bytes=1000)
    assert set(SelectSpec.__struct_fields__) <= set(values)
