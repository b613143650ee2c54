"""RECEIVER: from a call site to what stands before the last dot of its callee."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "RECEIVER", "ast_calls", End("node"), End("receiver"), where="receiver IS NOT NULL"
)
