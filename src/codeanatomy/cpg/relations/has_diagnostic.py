"""HAS_DIAGNOSTIC: from a file to each thing that an extractor could not do with it."""

from codeanatomy.cpg.views import End, Relation

RELATION = Relation(
    "HAS_DIAGNOSTIC", "troubles", End("0", "file"), End("number", "error"), method="'scan'",
    sources="scan",
)  # fmt: skip
