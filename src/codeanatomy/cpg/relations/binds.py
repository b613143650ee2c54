"""BINDS: from a scope to each name bound in it, or to the one definition that the name means."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "BINDS", "bound", End("scope", "scope"), End("binding", "binding"), method="'scope'",
    sources="ast,symtable", count="givers",
)  # fmt: skip
