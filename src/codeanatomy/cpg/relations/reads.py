"""READS: from a definition to each binding that its code reads; one edge, with a count.

Names that only a star import can bind are linked where all files are known, in `link`.
"""

from codeanatomy.cpg.views import End, Relation

RELATION = (
    Relation(
        "READS", "read", End("owner"), End("binding", "binding"), grouped=True, method="'scope'",
        sources="ast,symtable",
    ),
    Relation(
        "READS", "resolved", End("owner"), End("class_node"), grouped=True, method="'scope'",
        sources="ast,symtable", where="class_node IS NOT NULL AND role = 'load'",
    ),
)  # fmt: skip
