"""Build the graph of a repository, find a class, and walk from it along the edges.

python examples/cpg_quickstart.py [REPO] [CLASS]    default: this package's kernel, its `Column`
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import codeanatomy as ca

KERNEL = Path(__file__).resolve().parents[1] / "src" / "codeanatomy" / "kernel"


def main(repo: str = str(KERNEL), name: str = "Column") -> None:
    """Print what the graph knows of one class."""
    with TemporaryDirectory() as store:
        graph = ca.build(repo, store=store)
        print(f"{len(graph.nodes(kind='file'))} files, {len(graph.nodes(kind='class'))} classes")
        (found,) = graph.nodes(kind="class", name=name)
        print(f"{found.qualified_name} at {found.place}")
        print("  says:      ", (found.docstring or "nothing").partition("\n")[0])
        print("  bases:     ", named(found.bases))
        print("  subclasses:", named(found.subclasses))
        print("  members:   ", ", ".join(node.name or "" for node in found.members))
        print("  used in:   ", ", ".join(sorted({n.path or "" for n in found.references})))
        print("  flow:      ", graph.absent["CFG"])


def named(nodes: list[ca.Node]) -> str:
    """Write qualified names in a line."""
    return ", ".join(node.qualified_name or "" for node in nodes) or "none"


if __name__ == "__main__":
    main(*sys.argv[1:])
