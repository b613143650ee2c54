"""YIELDS: from a generator to each expression whose value it yields."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "YIELDS", "suspended", End("owner"), End("node"), where="verb = 'yield'", role="role"
)
