"""AWAITS: from a definition to each expression that its code awaits.

The `async for` of a comprehension is left out: the evidence does not tell it from `for`.
"""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "AWAITS", "suspended", End("owner"), End("node"), where="verb = 'await'", role="role"
)
