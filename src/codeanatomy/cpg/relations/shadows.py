"""SHADOWS: from a binding to the nearest one of the same name that its scope hides."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "SHADOWS", "shadowed", End("binding", "binding"), End("hidden", "binding"), method="'scope'",
    sources="ast,symtable",
)  # fmt: skip
