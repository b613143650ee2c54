"""CAPTURES: from a scope to each name it takes from a function around it."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "CAPTURES", "captured", End("l.at", "scope"), End("r.binding", "binding"), right="bound",
    method="'free'", sources="symtable", anchor="r.",
)  # fmt: skip
