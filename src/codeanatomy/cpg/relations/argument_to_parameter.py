"""ARGUMENT_TO_PARAMETER: from an argument to the parameter that receives it."""

from codeanatomy.cpg.views import Program

RELATION = Program("ARGUMENT_TO_PARAMETER", "codeanatomy.cpg.resolve.resolve.resolve")
