"""IMPORTS_NAME: from an imported name to what it means, wherever in the store that is."""

from codeanatomy.cpg.views import Program

RELATION = Program("IMPORTS_NAME", "codeanatomy.cpg.link.link.link")
