"""ARGUMENT: from a call site to each of its arguments."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "ARGUMENT", "ast_args", End("call"), End("node"), index="position", keyword="keyword",
    role="NULLIF(star, '')",
)  # fmt: skip
