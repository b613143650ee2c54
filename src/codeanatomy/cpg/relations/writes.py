"""WRITES: from a definition to each binding that its code binds; one edge, with a count."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "WRITES", "resolved", End("owner"), End("binding", "binding"), grouped=True, method="'scope'",
    sources="ast,symtable",
    where="binding IS NOT NULL AND NOT bare AND role NOT IN ('load', 'delete', 'global', "
    "'nonlocal', 'parameter', 'type_parameter')",
)  # fmt: skip
