"""SCIP_DEFINITION: from a symbol to one that a SCIP index relates to it in this way."""

from codeanatomy.cpg.views import Program

RELATION = Program("SCIP_DEFINITION", "codeanatomy.cpg.link.symbols.link_symbols")
