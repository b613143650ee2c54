"""CONDITION: from a statement or expression to the test it depends on."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "CONDITION", "ast_nodes", End("parent"), End("node"), field="field", index="index",
    where="field = 'test' OR field LIKE 'generators[%].ifs' OR field LIKE 'cases[%].guard'",
)  # fmt: skip
