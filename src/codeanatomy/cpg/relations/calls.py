"""CALLS: from a caller to what its code calls; one edge, with the number of sites."""

from codeanatomy.cpg.views import Program

RELATION = Program("CALLS", "codeanatomy.cpg.resolve.resolve.resolve")
