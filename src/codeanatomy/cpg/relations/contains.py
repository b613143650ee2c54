"""CONTAINS: from each container to its parts; every node below the repository has one at most.

Folders and their files are linked where all files are known, in `link`.
"""

from codeanatomy.cpg.views import End, Relation

RELATION = (
    Relation("CONTAINS", "ast_defs", End("0", "file"), End("node"), where="kind = 'module'"),
    Relation(
        "CONTAINS", "unparsed", End("0", "file"), End("0", "node"), method="'path'", sources="repo"
    ),
    Relation("CONTAINS", "ast_defs", End("parent"), End("node"), where="kind <> 'module'"),
    Relation(
        "CONTAINS", "ast_scopes", End("node"), End("scope", "scope"),
        where="kind NOT IN ('comprehension', 'type_parameters', 'type_alias', 'type_variable')",
    ),
    Relation(
        "CONTAINS", "ast_scopes", End("parent", "scope"), End("scope", "scope"),
        where="kind IN ('comprehension', 'type_parameters', 'type_alias', 'type_variable')",
    ),
    Relation(
        "CONTAINS", "tolerant", End("node"), End("capture", "capture"), right="ast_defs",
        where="kind = 'comment' AND NOT alone", method="'enclosing span'",
        sources="ast,tree_sitter",
    ),
    Relation(
        "CONTAINS", "nested", End("0", "node"), End("capture", "capture"),
        where="alone AND parent IS NULL", method="'tolerant'", sources="tree_sitter",
    ),
    Relation(
        "CONTAINS", "nested", End("parent", "capture"), End("capture", "capture"),
        where="alone AND parent IS NOT NULL", method="'tolerant'", sources="tree_sitter",
    ),
)  # fmt: skip
