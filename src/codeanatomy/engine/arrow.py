"""Arrow without what it loads on the side."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec


class _NoPandas:
    """An import finder that knows of no pandas."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: object = None
    ) -> ModuleSpec | None:
        """Refuse pandas and leave every other module to the next finder."""
        del path, target
        if name == "pandas":
            raise ImportError(name)
        return None


def without_pandas() -> None:
    """Keep PyArrow from loading pandas, which costs most of a second and is not needed here.

    PyArrow looks for pandas once, at the first conversion of a Python list. A pandas that is
    loaded already is left alone, and later uses of it work.
    """
    if "pandas" in sys.modules:
        return
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        import pyarrow as pa  # noqa: PLC0415 - its first conversion is the point

        pa.array([0])
    finally:
        sys.meta_path.remove(finder)
