"""DECORATES: from a decorator to the definition it is written on."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "DECORATES", "ast_decorators", End("node", "decorator"), End("owner"), index="position"
)
