"""REF: from each occurrence of a name to what it means, by Python's scoping rules.

Names that only a star import can bind are linked where all files are known, in `link`.
"""

from codeanatomy.cpg.views import End, Relation

RELATION = (
    Relation(
        "REF", "resolved", End("occurrence", "occurrence"), End("binding", "binding"),
        where="binding IS NOT NULL", method="class", sources="ast,symtable", role="role",
    ),
    Relation(
        "REF", "resolved", End("occurrence", "occurrence"), End("class_node"),
        where="class_node IS NOT NULL", method="class", sources="ast,symtable", role="role",
    ),
    Relation(
        "REF", "missing", End("occurrence", "occurrence"), End("builtin", "global"),
        where="reason = 'builtin'", method="'builtin'", sources="ast,symtable", role="role",
    ),
)  # fmt: skip
