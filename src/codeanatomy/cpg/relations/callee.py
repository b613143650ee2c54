"""CALLEE: from a call site to the called expression; its place is the last identifier."""

from codeanatomy.cpg.views import End, Relation

RELATION = (
    Relation(
        "CALLEE", "ast_calls", End("node"), End("callee"), anchor="callee_", role="shape",
        where="callee_bstart IS NOT NULL",
    ),
    Relation(
        "CALLEE", "ast_calls", End("node"), End("callee"), role="shape",
        where="callee_bstart IS NULL",
    ),
)  # fmt: skip
