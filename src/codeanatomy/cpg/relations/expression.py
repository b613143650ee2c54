"""EXPRESSION: from a decorator or annotation to the expression that it is."""

from codeanatomy.cpg.views import End, Relation

RELATION = (
    Relation("EXPRESSION", "ast_decorators", End("node", "decorator"), End("node")),
    Relation("EXPRESSION", "ast_annotations", End("node", "annotation"), End("node")),
)
