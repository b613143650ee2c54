"""ANNOTATES: from an annotation to the parameter, function or target it annotates."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "ANNOTATES", "ast_annotations", End("node", "annotation"), End("owner"), role="role"
)
