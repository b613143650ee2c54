"""Ask a graph in SQL: the definitions with most parameters, and what is written in most places.

python examples/cpg_sql.py [REPO]    default: this package's kernel
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import codeanatomy as ca

KERNEL = Path(__file__).resolve().parents[1] / "src" / "codeanatomy" / "kernel"

QUESTIONS = {
    "functions with most parameters": """
        select f.qualified_name, count(*) as parameters
        from edges e join nodes f on f.nid = e.src where e.kind = 'PARAMETER'
        group by f.nid, f.qualified_name order by parameters desc, f.qualified_name limit 3
    """,
    "variables that several definitions write": """
        select v.qualified_name, count(*) as writers, sum(e.props['count']) as times
        from edges e join nodes v on v.nid = e.dst where e.kind = 'WRITES' and v.kind = 'variable'
        group by v.nid, v.qualified_name having count(*) > 1
        order by writers desc, v.qualified_name limit 3
    """,
    "names read most": """
        select n.kind, n.qualified_name, count(*) as reads
        from edges e join nodes n on n.nid = e.dst
        where e.kind = 'REF' and e.props['role'] = 'load'
        group by n.nid, n.kind, n.qualified_name order by reads desc, n.qualified_name limit 3
    """,
}


def main(repo: str = str(KERNEL)) -> None:
    """Print each question's answer as a table."""
    with TemporaryDirectory() as store:
        graph = ca.build(repo, store=store)
        for title, question in QUESTIONS.items():
            print(f"-- {title}\n{graph.sql(question)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
