"""The only door to third-party parsers; each is imported when first asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import MissingPartError

if TYPE_CHECKING:
    from types import ModuleType


def libcst() -> ModuleType:
    """Return LibCST; raises `MissingPartError` where it is not installed."""
    try:
        import libcst as module  # noqa: PLC0415 - heavy: only when an extractor needs it
    except ImportError as error:
        msg = "LibCST is not installed; `pip install libcst` installs it"
        raise MissingPartError(msg, part="libcst") from error
    found: ModuleType = module
    return found


def tree_sitter() -> ModuleType:
    """Return tree-sitter."""
    import tree_sitter as module  # noqa: PLC0415 - heavy: only when an extractor needs it

    return module


@cache
def python_language() -> Any:  # noqa: ANN401 - tree-sitter's types are not part of our surface
    """Return the Python grammar."""
    import tree_sitter_python  # noqa: PLC0415 - heavy: only when an extractor needs it

    return tree_sitter().Language(tree_sitter_python.language())


@cache
def python_parser() -> Any:  # noqa: ANN401 - tree-sitter's types are not part of our surface
    """Return one parser for Python, kept for the life of the process."""
    return tree_sitter().Parser(python_language())
