"""Reads what the options of `tea` say: input, secrets, actions, conditions of failure."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeanatomy.cli.tea.say import fail, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

State = dict[str, Any]


def deep_merge(base: State, overlay: State) -> State:
    """Put `overlay` into `base`, dict by dict; return `base`."""
    for key, value in overlay.items():
        old = base.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            deep_merge(old, value)
        else:
            base[key] = value
    return base


def parse_input(
    input_arg: str | None = None, state: str | None = None, state_file: str | None = None
) -> State:
    """Read `--input`: a JSON object, or `@file` (YAML by its suffix); {} when nothing is given."""
    if state_file is not None:
        say("Warning: --state-file is deprecated, use --input @file")
    if state is not None:
        say("Warning: --state is deprecated, use --input")
    found: State = {}
    if state_file is not None:
        found.update(_file(Path(state_file)))
    if state is not None:
        found.update(_object(_text(state, "Invalid JSON in --state"), "Input"))
    if input_arg is not None:
        path = input_arg.removeprefix("@")
        read = _file(Path(path)) if input_arg.startswith("@") else None
        found.update(
            _object(_text(input_arg, "Invalid JSON in --input"), "Input") if read is None else read
        )
    return found


def parse_secrets(secrets: str | None = None, secrets_env: str | None = None) -> State:
    """Read `--secrets` (a JSON object or `@file`) and the environment names with a prefix.

    The prefix is cut and the rest lower-cased; what `--secrets` says comes first.
    """
    found: State = {}
    if secrets_env:
        found = {
            name[len(secrets_env) :].lower(): value
            for name, value in os.environ.items()
            if name.startswith(secrets_env) and len(name) > len(secrets_env)
        }
    if secrets is None:
        return found
    if not secrets.startswith("@"):
        return {**found, **_object(_text(secrets, "Invalid JSON in --secrets"), "Secrets")}
    path = Path(secrets[1:])
    if not path.is_file():
        fail(f"Error: Secrets file not found: {path}")
    value = _read(path, "Invalid JSON in secrets file", "Invalid YAML in secrets file")
    return {**found, **_object(value, "Secrets")}


def load_cli_actions(
    modules: Sequence[str] | None = None,
    files: Sequence[str] | None = None,
    engine: Any = None,  # noqa: ANN401 - the engine the actions are for
) -> dict[str, Callable[..., Any]]:
    """Collect what `register_actions(registry, engine)` of modules and files registers."""
    registry: dict[str, Callable[..., Any]] = {}
    for name in modules or ():
        _register(_module(name), f"Module '{name}'", registry, engine)
    for file in files or ():
        path = Path(file).expanduser()
        if not path.is_file():
            fail(f"Error: Actions file not found: {file}")
        _register(_loaded(path), f"Actions file '{file}'", registry, engine)
    return registry


def parse_fail_on_state(conditions: Sequence[str] | None) -> list[tuple[str, str]]:
    """Read `key=value` conditions: split at the first `=`, both sides trimmed."""
    pairs = []
    for condition in conditions or ():
        key, sign, value = condition.partition("=")
        if not sign:
            fail(
                f"Error: Invalid --fail-on-state format '{condition}'. Expected 'key=value'.",
            )
        if not key.strip():
            fail(f"Error: Invalid --fail-on-state format '{condition}'. Key cannot be empty.")
        pairs.append((key.strip(), value.strip()))
    return pairs


def check_fail_on_state(state: State, conditions: Sequence[tuple[str, str]]) -> str | None:
    """Return the first condition that holds, as `key=value`; a missing key compares as "None"."""
    for key, value in conditions:
        if str((state or {}).get(key)) == value:
            return f"{key}={value}"
    return None


def json_object(text: str | None, option: str) -> State:
    """Read an option that holds a JSON object; {} when it was not given."""
    return {} if text is None else _object(_text(text, f"Invalid JSON in {option}"), option)


def _file(path: Path) -> State:
    if not path.is_file():
        fail(f"Error: Input file not found: {path}")
    return _object(_read(path, "Invalid JSON in input file", "Invalid YAML in input file"), "Input")


def _read(path: Path, bad_json: str, bad_yaml: str) -> Any:  # noqa: ANN401 - any JSON value
    text = path.read_text(encoding="utf-8")
    if path.suffix.lower() not in (".yaml", ".yml"):
        return _text(text, bad_json)
    from codeanatomy.workflow.load.read import read_yaml  # noqa: PLC0415 - only for YAML

    try:
        return read_yaml(text).value
    except Exception as error:  # noqa: BLE001 - whatever the parser dislikes
        fail(f"Error: {bad_yaml}: {error}")


def _text(text: str, complaint: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text)
    except ValueError as error:
        fail(f"Error: {complaint}: {error}")


def _object(value: Any, what: str) -> State:  # noqa: ANN401 - any JSON value
    if value is None:
        return {}
    if not isinstance(value, dict):
        fail(f"Error: {what} must be a JSON object, got {type(value).__name__}")
    return value


def _module(name: str) -> ModuleType:
    import importlib  # noqa: PLC0415 - only with --actions-module
    import sys  # noqa: PLC0415 - as above

    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - a module may fail in any way
        fail(f"Error: Cannot import module '{name}': {error}")


def _loaded(path: Path) -> ModuleType:
    from importlib import util  # noqa: PLC0415 - only with --actions-file

    spec = util.spec_from_file_location(f"tea_actions_{path.stem}", path)
    if spec is None or spec.loader is None:
        fail(f"Error: Cannot import module '{path}': it is not a Python file")
    module = util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # noqa: BLE001 - as above
        fail(f"Error: Cannot import module '{path}': {error}")
    return module


def _register(
    module: ModuleType,
    what: str,
    registry: dict[str, Callable[..., Any]],
    engine: Any,  # noqa: ANN401 - as above
) -> None:
    register = getattr(module, "register_actions", None)
    if not callable(register):
        fail(f"Error: {what} must define a register_actions(registry, engine) function")
    register(registry, engine)
