"""INHERITS_FROM: from a class to each of its bases, wherever in the store that is."""

from codeanatomy.cpg.views import Program

RELATION = Program("INHERITS_FROM", "codeanatomy.cpg.link.link.link")
