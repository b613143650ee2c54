"""DELETES: from a definition to each binding that its code deletes; one edge, with a count."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "DELETES", "resolved", End("owner"), End("binding", "binding"), grouped=True, method="'scope'",
    sources="ast,symtable",
    where="binding IS NOT NULL AND role = 'delete'",
)  # fmt: skip
