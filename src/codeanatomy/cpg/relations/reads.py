"""READS: from a definition to each binding that its code reads; one edge, with a count."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "READS", "read", End("owner"), End("binding", "binding"), grouped=True, method="'scope'",
    sources="ast,symtable",
)  # fmt: skip
