"""Layered configuration: what each setting is, its value, and where that value came from.

Command line, then environment, `codeanatomy.toml`, `[tool.codeanatomy]` of `pyproject.toml`, and
the defaults: the first that gives a value wins, and lists are replaced, never joined.
"""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from codeanatomy.kernel.errors import SpecError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Value = bool | int | str | tuple[str, ...] | None

FILE, PROJECT, SECTION = "codeanatomy.toml", "pyproject.toml", "tool.codeanatomy"
PREFIX = "CODEANATOMY_"


class Setting(msgspec.Struct, frozen=True):
    """One setting; `type` is text, flag, number, size, texts, below or one of `choices`.

    A size is a number of bytes or text such as `512 MB`; `below` is a list of folders inside the
    repository. A default of None means that nothing is set.
    """

    name: str
    type: str
    meaning: str
    default: Value = None
    choices: tuple[str, ...] = ()

    @property
    def env(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


# fmt: off
SETTINGS = (
    Setting("store", "text", "where the graph is kept: a folder or an address", ".codeanatomy"),
    Setting("name", "text", "the repository's name in the store; its own name when not set"),
    Setting("include", "texts", "only files that match, patterns as in .gitignore", ()),
    Setting("exclude", "texts", "no files that match, patterns as in .gitignore", ()),
    Setting("evidence", "texts", "extractors to run besides those of every build", ()),
    Setting("layers", "texts", "layers of the graph to build; none named means the usual ones", ()),
    Setting("jobs", "number", "worker processes; 0 means one for each processor", 0),
    Setting("cache", "flag", "whether results of extraction are kept and used again", default=True),
    Setting("cache_dir", "text", "folder of that cache; `cache` in the store when not set"),
    Setting("max_file_bytes", "size", "larger files are left out", 20_000_000),
    Setting("follow_symlinks", "flag", "read what links inside the repository lead to",
            default=False),
    Setting("submodules", "flag", "read git submodules too", default=False),
    Setting("worktrees", "flag", "read work trees and clones inside the repository too",
            default=False),
    Setting("notebooks", "flag", "read the code cells of notebooks, each as a file", default=False),
    Setting("import_roots", "below", "folders where imports start, besides the root and src", ()),
    Setting("scip_index", "text", "a SCIP index to read; `scip-python` makes one when not set"),
    Setting("witness_seconds", "number", "how long another program may read the repository", 1800),
    Setting("witness_memory", "size", "most memory for a witness that runs in Node",
            4_000_000_000),
    Setting("python", "text", "an environment, interpreter or prefix whose packages may be read"),
    Setting("verify", "flag", "compare contents, not only size and time, to find changes",
            default=False),
    Setting("engine_size", "choice", "how much of the machine queries may use", "auto",
            ("auto", "small", "medium", "large")),
    Setting("memory_limit", "size", 'most memory that queries may use, such as "2 GB"'),
)
# fmt: on

_BY_NAME = {setting.name: setting for setting in SETTINGS}
_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9,
          "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}  # fmt: skip
_SIZE = re.compile(r"(\d+(?:\.\d+)?) *([A-Za-z]*)")
_TABLE = re.compile(r"\s*\[+([^\[\]=]+)\]+\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([\w\-.\"' ]+?)\s*=")
_FLAGS = {"1": True, "true": True, "yes": True, "on": True,
          "0": False, "false": False, "no": False, "off": False}  # fmt: skip


class Config(NamedTuple):
    """Every setting's value by name, and where each came from, such as `codeanatomy.toml:3`."""

    values: Mapping[str, Value]
    sources: Mapping[str, str]

    def text(self, name: str) -> str | None:
        """Return a text; None when it is not set."""
        value = self.values[name]
        return value if isinstance(value, str) else None

    def flag(self, name: str) -> bool:
        """Return a yes or no."""
        return self.values[name] is True

    def number(self, name: str) -> int | None:
        """Return a number or a size in bytes; None when it is not set."""
        value = self.values[name]
        return value if isinstance(value, int) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list."""
        value = self.values[name]
        return value if isinstance(value, tuple) else ()


class ConfigError(SpecError):
    """A setting has a value that it cannot have, or a file of settings cannot be read."""

    code = "invalid-config"


class UnknownSettingError(ConfigError, UnknownNameError):
    """A setting that does not exist; the message names the nearest that does."""

    code = "unknown-setting"


class _Given(NamedTuple):
    name: str
    value: object
    source: str


def resolve(root: Path, overrides: Mapping[str, object], environ: Mapping[str, str]) -> Config:
    """Find each setting's value for the repository at `root`; raises `ConfigError`.

    `overrides` come from the command line; None there means not given, and so does an empty text
    in `environ`.
    """
    values: dict[str, Value] = {s.name: s.default for s in SETTINGS}
    sources = {s.name: "default" for s in SETTINGS}
    layers = (
        _from_file(root / PROJECT),
        _from_file(root / FILE),
        _from_environment(environ),
        (_Given(k, v, "command line") for k, v in overrides.items() if v is not None),
    )
    for given in (given for layer in layers for given in layer):
        values[given.name] = _value(given)
        sources[given.name] = given.source
    return Config(values, sources)


def validate(path: Path) -> tuple[SpecError, ...]:
    """Return everything that is wrong with a `codeanatomy.toml` or a `pyproject.toml`."""
    if not path.is_file():
        msg = f"{path}: no such file; `config init` writes one"
        return (ConfigError(msg, file=str(path)),)
    try:
        found = list(_from_file(path))
    except ConfigError as error:
        return (error,)
    return tuple(error for given in found for error in _wrong(given))


def init_text() -> str:
    """Return a `codeanatomy.toml` in which every setting stands, commented out, at its default."""
    lines = ["# Settings of CodeAnatomy for this repository; remove a `#` to change one.", ""]
    for setting in SETTINGS:
        options = f": {', '.join(setting.choices)}" if setting.choices else ""
        lines += [f"# {setting.meaning}{options}", f"# {setting.name} = {_toml(setting)}", ""]
    return "\n".join(lines)


def _wrong(given: _Given) -> Iterator[SpecError]:
    """Yield what is wrong with one value: its type, or each of its names that nothing declares."""
    from codeanatomy.cpg.evidence import EXTRACTORS  # noqa: PLC0415 - only a check looks at names
    from codeanatomy.cpg.nodes import OFFERED_LAYERS  # noqa: PLC0415 - as above

    declared = {
        "evidence": ("extractor", tuple(extractor.name for extractor in EXTRACTORS)),
        "layers": ("layer", OFFERED_LAYERS),
    }
    try:
        value = _value(given)
    except ConfigError as error:
        yield error
        return
    what, names = declared.get(given.name, ("", ()))
    for name in value if what and isinstance(value, tuple) else ():
        if name not in names:
            msg = f"{given.source}: no {what} {name!r}; there are {', '.join(names)}"
            yield ConfigError(msg, **_place(given), value=name, expected=", ".join(names))


def _from_file(path: Path) -> Iterator[_Given]:
    """Yield what a file sets, each with its line; nothing where there is no such file."""
    section = SECTION if path.name == PROJECT else ""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        found: object = tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        if section and not _mentions(path, section):
            return  # a broken project file that says nothing to us is not ours to judge
        why = getattr(error, "strerror", None) or error
        msg = f"{path.name}: cannot be read: {why}"
        raise ConfigError(msg, file=path.name, line=_line_in(str(error))) from error
    for part in section.split(".") if section else ():
        found = found.get(part, {}) if isinstance(found, dict) else {}
    if not isinstance(found, dict):
        raise ConfigError(f"{path.name}: [{section}] is not a table", file=path.name)
    lines = _lines(text, section)
    for name, value in found.items():
        line = lines.get(name)
        yield _Given(name, value, f"{path.name}:{line}" if line else path.name)


def _mentions(path: Path, section: str) -> bool:
    try:
        return section.encode() in path.read_bytes()
    except OSError:
        return False


def _line_in(message: str) -> int | None:
    found = re.search(r"\(at line (\d+)", message)
    return int(found[1]) if found else None


def _lines(text: str, section: str) -> dict[str, int]:
    """Return the line in which each key of a table stands; `tomllib` does not tell."""
    found: dict[str, int] = {}
    header, prefix = "", section and section + "."
    for number, line in enumerate(text.splitlines(), 1):
        table, key = _TABLE.match(line), _KEY.match(line)
        if table:
            header = full = _dotted(table[1])
        elif key:
            full = ".".join(filter(None, (header, _dotted(key[1]))))
        else:
            continue
        if full.startswith(prefix):
            found.setdefault(full.removeprefix(prefix).partition(".")[0], number)
    return found


def _dotted(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))


def _from_environment(environ: Mapping[str, str]) -> Iterator[_Given]:
    for key, value in sorted(environ.items()):
        if key.startswith(PREFIX) and value:
            source = f"environment {key}"
            name = key.removeprefix(PREFIX).lower()
            setting = _BY_NAME.get(name)
            yield _Given(name, _parsed(setting, value) if setting else value, source)


def _parsed(setting: Setting, text: str) -> object:
    """Read the text of an environment variable; what cannot be read is left to be refused."""
    text = text.strip()
    if setting.type == "flag":
        return _FLAGS.get(text.lower(), text)
    if setting.type == "number":
        return int(text) if text.isdecimal() else text
    if setting.type in ("texts", "below"):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _value(given: _Given) -> Value:
    """Return the value as its setting's type; raises `ConfigError` saying where it stands."""
    setting = _BY_NAME.get(given.name)
    if setting is None:
        raise _unknown(given)
    if given.value == "" and setting.default is None:
        return None
    expected, read = _READERS[setting.type]
    value = read(given.value, setting)
    if value is None:
        expected = ", ".join(setting.choices) or expected
        msg = f"{given.source}: {given.name} = {given.value!r}; it takes {expected}"
        raise ConfigError(msg, **_place(given), value=given.value, expected=expected)
    return value


def _unknown(given: _Given) -> UnknownSettingError:
    near = get_close_matches(given.name.replace("-", "_").lower(), _BY_NAME, 1, 0.0)[0]
    msg = f"{given.source}: no setting {given.name!r}; the nearest is {near!r}"
    return UnknownSettingError(msg, **_place(given), nearest=near)


def _place(given: _Given) -> dict[str, object]:
    file, _, line = given.source.partition(":")
    return {
        "setting": given.name,
        "source": given.source,
        "file": file if file in (FILE, PROJECT) else None,
        "line": int(line) if line.isdecimal() else None,
    }


def _text(value: object, _: Setting) -> Value:
    return value.strip() or None if isinstance(value, str) and value.isprintable() else None


def _flag(value: object, _: Setting) -> Value:
    return value if isinstance(value, bool) else None


def _number(value: object, _: Setting) -> Value:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _size(value: object, setting: Setting) -> Value:
    parts = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if parts is None:
        return _number(value, setting)
    unit = _UNITS.get(parts[2].upper())
    return None if unit is None else int(float(parts[1]) * unit)


def _texts(value: object, _: Setting) -> Value:
    if isinstance(value, list | tuple) and all(isinstance(part, str) and part for part in value):
        return tuple(value)
    return None


def _below(value: object, setting: Setting) -> Value:
    found = _texts(value, setting)
    if not isinstance(found, tuple):
        return None
    outside = (p.startswith(("/", "\\")) or ".." in p.split("/") or ":" in p for p in found)
    return None if any(outside) else tuple(p.strip("/") or "." for p in found)


def _choice(value: object, setting: Setting) -> Value:
    return value if isinstance(value, str) and value in setting.choices else None


_READERS: dict[str, tuple[str, Callable[[object, Setting], Value]]] = {
    "text": ("a text", _text),
    "flag": ("true or false", _flag),
    "number": ("a whole number, 0 or more", _number),
    "size": ("a number of bytes, or text such as '512 MB' or '2 GiB'", _size),
    "texts": ("a list of texts", _texts),
    "below": ("a list of folders inside the repository", _below),
    "choice": ("one of its choices", _choice),
}


def _toml(setting: Setting) -> str:
    default = setting.default
    if default is None:
        return '""'
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return "[]"
    return f'"{default}"' if isinstance(default, str) else str(default)
