"""SCIP_SYMBOL: from what stands in a file to the symbol that a SCIP index has there."""

from codeanatomy.cpg.views import Program

RELATION = Program("SCIP_SYMBOL", "codeanatomy.cpg.link.symbols.link_symbols")
