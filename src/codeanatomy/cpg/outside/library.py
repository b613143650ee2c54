"""The standard library as typeshed's stubs describe it: which modules a version has, and where."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from codeanatomy.kernel.errors import MissingPartError

_LINE = re.compile(r"^([\w.]+): *(\d+)\.(\d+)-(?:(\d+)\.(\d+))?")
_LAST = (99, 99)

Versions = dict[str, tuple[tuple[int, int], tuple[int, int]]]


class Library:
    """The standard library of one version of Python; its parser is not used, its stubs are data."""

    def __init__(self, version: tuple[int, int]) -> None:
        """Read which modules there are; raises `MissingPartError` where the stubs are not."""
        self.root = _stubs()
        self._version = version
        self._spans = _spans((self.root / "VERSIONS").read_text("utf-8"))

    def has(self, module: str) -> bool:
        """Say whether this version has a module: as itself is listed, else as its package is."""
        name = module
        while name:
            if name in self._spans:
                first, last = self._spans[name]
                parent = name.rpartition(".")[0]
                return first <= self._version <= last and (not parent or self.has(parent))
            name = name.rpartition(".")[0]
        return False


def _stubs() -> Path:
    """Return the folder of stubs; the package around it is located, not imported."""
    spec = find_spec("typeshed_client")
    for place in (spec and spec.submodule_search_locations) or ():
        folder = Path(place, "typeshed")
        if (folder / "VERSIONS").is_file():
            return folder
    raise MissingPartError(
        "the stubs of the standard library are not installed: pip install typeshed-client",
        part="typeshed-client",
    )


def _spans(text: str) -> Versions:
    """Read typeshed's `VERSIONS`: the first and the last version that have each module."""
    found: Versions = {}
    for match in filter(None, map(_LINE.match, text.splitlines())):
        name, *numbers = match.groups()
        first = (int(numbers[0]), int(numbers[1]))
        found[name] = (first, (int(numbers[2]), int(numbers[3])) if numbers[2] else _LAST)
    return found
