"""A Python repository as a versioned code property graph that answers questions in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeanatomy.cpg.api import Graph, build, open  # noqa: A004 - `codeanatomy.open`
    from codeanatomy.cpg.graph.node import Edge, Node
    from codeanatomy.cpg.graph.result import Result
    from codeanatomy.kernel.errors import AnatomyError

    __version__: str

__all__ = ["AnatomyError", "Edge", "Graph", "Node", "Result", "__version__", "build", "open"]

_HOMES = {
    "AnatomyError": "kernel.errors",
    "Edge": "cpg.graph.node",
    "Graph": "cpg.api",
    "Node": "cpg.graph.node",
    "Result": "cpg.graph.result",
    "build": "cpg.api",
    "open": "cpg.api",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the public name stands for
    """Load a public name when it is first asked for; heavy libraries come only then."""
    if name == "__version__":
        from importlib import metadata  # noqa: PLC0415 - reads files, and is rarely asked

        try:
            return metadata.version("codeanatomy")
        except metadata.PackageNotFoundError:
            return "unknown (not installed)"
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - as above

    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
