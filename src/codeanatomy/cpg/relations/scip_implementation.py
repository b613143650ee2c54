"""SCIP_IMPLEMENTATION: from a symbol to one that a SCIP index relates to it in this way."""

from codeanatomy.cpg.views import Program

RELATION = Program("SCIP_IMPLEMENTATION", "codeanatomy.cpg.link.symbols.link_symbols")
