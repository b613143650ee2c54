"""A model: the components and processors of a world, from a Python file that a person names."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codeanatomy.ecs.components import Component
from codeanatomy.ecs.processors import Processor
from codeanatomy.ecs.runtime.errors import InvalidModelError

if TYPE_CHECKING:
    from types import ModuleType


@dataclass(frozen=True)
class Model:
    """What a world is made of; `name` is what the runtime keeps of it."""

    name: str
    components: tuple[object, ...] = ()
    processors: tuple[object, ...] = ()
    resources: tuple[tuple[str, object], ...] = ()


def load(path: str | Path) -> Model:
    """Run a Python file and take its components and processors, in the order they stand there.

    `COMPONENTS`, `PROCESSORS` and `RESOURCES` (a mapping) at its top level go before. The file is
    run as code: name only files that you trust. Raises `InvalidModelError`.
    """
    file = Path(path)
    if not file.is_file():
        raise InvalidModelError(f"no model file at {path}", path=str(path))
    module = _run(file)
    found = vars(module)
    components = tuple(found.get("COMPONENTS", _components(module)))
    processors = tuple(found.get("PROCESSORS", _processors(module)))
    if not components and not processors:
        raise InvalidModelError(
            f"{path} declares nothing; write classes with @component and functions with @processor",
            path=str(path),
        )
    return Model(file.stem, components, processors, tuple(dict(found.get("RESOURCES", {})).items()))


def _run(file: Path) -> ModuleType:
    name = f"codeanatomy_model_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise InvalidModelError(f"{file} is no Python file", path=str(file))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # annotations are looked up there
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise InvalidModelError(
            f"{file} cannot be run: {type(error).__name__}: {error}", path=str(file)
        ) from error
    return module


def _components(module: ModuleType) -> list[object]:
    return [
        found
        for found in vars(module).values()
        if isinstance(found, type) and isinstance(vars(found).get("__component__"), Component)
    ]


def _processors(module: ModuleType) -> list[object]:
    """Find what @processor made, each once."""
    found = [value for value in vars(module).values() if isinstance(value, Processor)]
    return list(dict.fromkeys(found))
