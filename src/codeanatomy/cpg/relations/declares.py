"""DECLARES: from each of several statements that give a name its value to the variable."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "DECLARES", "resolved", End("node"), End("binding", "binding"), method="'scope'",
    where="role IN ('function', 'class', 'import') AND meant IS NULL AND binding IS NOT NULL",
    role="role",
)  # fmt: skip
