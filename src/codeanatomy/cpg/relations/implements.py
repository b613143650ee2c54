"""IMPLEMENTS: from a class to each protocol or abstract base that it fits."""

from codeanatomy.cpg.views import Program

RELATION = Program("IMPLEMENTS", "codeanatomy.cpg.resolve.resolve.resolve")
