"""MEMBER_OF: from methods, attributes and inner classes to their class."""

from codeanatomy.cpg.views import End, Relation

RELATION = (
    Relation(
        "MEMBER_OF", "bound", End("l.binding", "binding"), End("r.node"), right="ast_scopes",
        where="l.scope_kind = 'class' AND l.node IS NULL", method="'class body'",
        sources="ast,symtable",
    ),
    Relation(
        "MEMBER_OF", "ast_defs", End("node"), End("parent"), method="'class body'",
        where="parent_kind = 'class' AND kind <> 'lambda'",
    ),
    Relation(
        "MEMBER_OF", "instance_attributes", End("attribute", "attribute"), End("owner"),
        method="'self'",
    ),
)  # fmt: skip
