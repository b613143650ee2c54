"""AST: the tree of Python's `ast`, from each node to those below it."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "AST", "ast_nodes", End("parent"), End("node"), where="parent IS NOT NULL", field="field",
    index="index",
)  # fmt: skip
