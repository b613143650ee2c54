"""EXPORTS: from a module to each name that its `__all__` lists, wherever in the store that is."""

from codeanatomy.cpg.views import Program

RELATION = Program("EXPORTS", "codeanatomy.cpg.link.link.link")
