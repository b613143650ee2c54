"""UNRESOLVED: from a name to the row that says that, and why, its meaning is not known."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "UNRESOLVED", "missing", End("occurrence", "occurrence"), End("occurrence", "unresolved"),
    where="reason IN ('undefined', 'interpreter', 'no_symbols')", method="class",
    sources="ast,symtable", role="role", reason="reason",
)  # fmt: skip
