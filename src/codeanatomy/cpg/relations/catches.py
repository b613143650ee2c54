"""CATCHES: from a definition to each class that an `except` of its code catches."""

from codeanatomy.cpg.views import Program

RELATION = Program("CATCHES", "codeanatomy.cpg.resolve.resolve.resolve")
