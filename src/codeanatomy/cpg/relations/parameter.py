"""PARAMETER: from a function or lambda to each of its parameters."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "PARAMETER", "ast_params", End("owner"), End("node"), index="position", role="kind"
)
