"""IMPORTS: from a module to each module that it imports, wherever in the store that is."""

from codeanatomy.cpg.views import Program

RELATION = Program("IMPORTS", "codeanatomy.cpg.link.link.link")
