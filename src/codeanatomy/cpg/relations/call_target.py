"""CALL_TARGET: from a call site to what it runs, wherever in the store that is."""

from codeanatomy.cpg.views import Program

RELATION = Program("CALL_TARGET", "codeanatomy.cpg.resolve.resolve.resolve")
