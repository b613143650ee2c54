"""RAISES: from a definition to each class that a `raise` of its code raises."""

from codeanatomy.cpg.views import Program

RELATION = Program("RAISES", "codeanatomy.cpg.resolve.resolve.resolve")
