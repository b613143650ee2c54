"""Actions that a file brings along: modules by path, packages by name, and entry points."""

from __future__ import annotations

import importlib
import logging
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from importlib.metadata import EntryPoint
    from types import ModuleType

    Action = Callable[..., Any]

_LOG = logging.getLogger("the_edge_agent.yaml_engine")
ENTRY_POINTS = ("codeanatomy.actions", "the_edge_agent.actions")


class Imports:
    """What one engine has imported: every path and package is run once in its life."""

    def __init__(self, engine: object) -> None:
        self._engine = engine
        self._loaded: dict[str, dict[str, Action]] = {}
        self._asked: set[str] = set()  # namespaces looked for among the installed packages

    def load(self, declared: Iterable[Any], base_dir: Path | None) -> dict[str, Action]:
        """Return the actions of all the imports of a file by full name.

        Raises ValueError with a line for every import that failed.
        """
        actions: dict[str, Action] = {}
        failures: list[str] = []
        for one in declared:
            try:
                found = self._import(one, base_dir)
            except ImportFailedError as failure:
                failures.append(str(failure))
                continue
            namespace = str(one.get("namespace") or "")
            for name, action in found.items():
                actions[f"{namespace}.{name}" if namespace else name] = action
        if failures:
            lines = "".join(f"\n  - {failure}" for failure in failures)
            raise ValueError(f"Failed to load imports:{lines}")
        return actions

    def from_entry_point(self, name: str) -> dict[str, Action]:
        """Return the actions of an installed package that offers the namespace of `name`."""
        from importlib.metadata import entry_points  # noqa: PLC0415 - reads the disk, rarely asked

        namespace = name.partition(".")[0]
        if namespace in self._asked:
            return {}
        self._asked.add(namespace)
        for group in ENTRY_POINTS:
            for point in entry_points(group=group, name=namespace):
                found = self._once(f"entry point {point.value}", partial(_from_point, point))
                return {f"{namespace}.{short}": action for short, action in found.items()}
        return {}

    def _import(self, declared: Any, base_dir: Path | None) -> dict[str, Action]:  # noqa: ANN401 - what a file says
        if isinstance(declared, dict) and declared.get("path"):
            text = str(declared["path"])
            path = Path(text).expanduser()
            path = (path if path.is_absolute() else (base_dir or Path.cwd()) / path).resolve()
            return self._once(str(path), lambda: _from_path(path, text))
        if isinstance(declared, dict) and declared.get("package"):
            package = str(declared["package"])
            return self._once(f"package {package}", lambda: _from_package(package))
        raise ImportFailedError(
            f"Invalid import: must specify 'path' or 'package'. Got: {declared}"
        )

    def _once(self, key: str, find: Callable[[], Action]) -> dict[str, Action]:
        if key not in self._loaded:
            own: dict[str, Action] = {}
            self._loaded[key] = own  # there before it is filled: a circle ends here
            try:
                find()(own, self._engine)
            except ImportFailedError:
                del self._loaded[key]
                raise
            except Exception as error:
                del self._loaded[key]
                raise ImportFailedError(
                    f"register_actions of {key} failed: {type(error).__name__}: {error}"
                ) from error
        return self._loaded[key]


class ImportFailedError(Exception):
    """One import of a file failed; the load goes on to find the others that do."""


def merge_actions(registry: dict[str, Action], found: Mapping[str, Action]) -> None:
    """Put imported actions into a registry; one that replaces another is told."""
    for name, action in found.items():
        if name in registry and registry[name] is not action:
            _LOG.warning("Imported action '%s' overrides an existing action", name)
        registry[name] = action


def _from_path(path: Path, text: str) -> Action:
    if not path.is_file():
        raise ImportFailedError(f"Action module not found: {path} (from path: {text})")
    from codeanatomy.kernel.fingerprint import fingerprint  # noqa: PLC0415 - only files with imports

    name = f"_agent_actions_{fingerprint(str(path))[:16]}"
    from importlib import util  # noqa: PLC0415 - as above

    spec = util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportFailedError(f"Failed to load module {path}: not a Python file")
    module = util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ImportFailedError(
            f"Failed to load module {path}: {type(error).__name__}: {error}"
        ) from error
    return _register(module, f"Module {path}")


def _from_package(package: str) -> Action:
    try:
        module = importlib.import_module(package)
    except Exception as error:
        raise ImportFailedError(f"Failed to import package '{package}': {error}") from error
    return _register(module, f"Package {package}")


def _from_point(point: EntryPoint) -> Action:
    return _register(point.load(), f"Entry point {point.value}")


def _register(found: ModuleType | Action, what: str) -> Action:
    """Return the function that fills a registry: `found` itself or its `register_actions`."""
    if not hasattr(found, "register_actions"):
        if callable(found):
            return found
        raise ImportFailedError(
            f"{what} missing required 'register_actions(registry, engine)' function"
        )
    register: Action = found.register_actions
    if not callable(register):
        raise ImportFailedError(f"{what} has 'register_actions' but it is not callable")
    return register
