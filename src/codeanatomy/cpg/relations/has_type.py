"""HAS_TYPE: from a binding, or a function for its result, to its type."""

from codeanatomy.cpg.views import Program

RELATION = Program("HAS_TYPE", "codeanatomy.cpg.resolve.resolve.resolve")
