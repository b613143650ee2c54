"""DOCUMENTS: from a docstring to the definition it documents."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation("DOCUMENTS", "ast_docstrings", End("node"), End("owner"))
