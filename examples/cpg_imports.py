"""Follow imports: which modules need which, what comes from outside, what leads nowhere.

python examples/cpg_imports.py [REPO]    default: the small shop beside this file
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import codeanatomy as ca

SHOP = Path(__file__).resolve().parent / "shop"

OUTSIDE = "select name, status, distribution from external_interfaces order by status, name"
NOWHERE = """
    select i.module, i.name, i.reason, f.path from imports i join files f on f.file_no = i.file_no
    where i.status = 'unresolved' order by f.path, i.bstart
"""


def main(repo: str = str(SHOP)) -> None:
    """Print the modules inside, the modules outside, and the imports that lead nowhere."""
    with TemporaryDirectory() as store:
        graph = ca.build(repo, store=store)
        for module in graph.nodes(kind="module"):
            inside = [m.qualified_name or "" for m in module.imports if m.kind == "module"]
            print(f"{module.qualified_name} <- {', '.join(sorted(inside)) or 'nothing inside'}")
        print(f"\n{graph.sql(OUTSIDE)}\n\n{graph.sql(NOWHERE)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
