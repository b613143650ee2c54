"""MEMBER_OF: from methods, attributes, inner classes and imports to their class."""

from codeanatomy.cpg.views import End, Relation

RELATION = (
    Relation(
        "MEMBER_OF", "bound", End("l.binding", "binding"), End("r.node"), right="ast_scopes",
        where="l.scope_kind = 'class' AND l.node IS NULL", method="'class body'",
        sources="ast,symtable",
    ),
    Relation(
        "MEMBER_OF", "meanings", End("l.node"), End("r.node"), right="ast_scopes",
        where="l.role IN ('function', 'class', 'import') AND r.kind = 'class'",
        method="'class body'", sources="ast,symtable",
    ),
    Relation(
        "MEMBER_OF", "instance_attributes", End("attribute", "attribute"), End("owner"),
        method="'self'",
    ),
)  # fmt: skip
