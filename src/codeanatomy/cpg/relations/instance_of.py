"""INSTANCE_OF: from a binding or call site to the class of what it holds or makes."""

from codeanatomy.cpg.views import Program

RELATION = Program("INSTANCE_OF", "codeanatomy.cpg.resolve.resolve.resolve")
