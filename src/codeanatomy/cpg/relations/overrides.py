"""OVERRIDES: from a method to the nearest method of its name that its class inherits."""

from codeanatomy.cpg.views import Program

RELATION = Program("OVERRIDES", "codeanatomy.cpg.resolve.resolve.resolve")
