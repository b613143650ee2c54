"""A contract for import-linter: siblings are independent, private files are for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importlinter.contracts.independence import IndependenceContract
from importlinter.domain.helpers import module_expressions_to_modules
from importlinter.domain.imports import ModuleExpression

if TYPE_CHECKING:
    from grimp import ImportGraph
    from importlinter.domain.contract import ContractCheck


class IndependentFiles(IndependenceContract):
    """Like `independence`, for the modules whose own name has no leading underscore.

    A private file may be imported by every sibling. It still joins no two of them: a chain of
    imports from one public file through a private one to another public file breaks the contract.
    """

    type_name = "independent_files"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001 - as import-linter calls it
        """Check the public files only."""
        found = module_expressions_to_modules(graph, self.modules)  # type: ignore[arg-type]  # the class holds a field, the instance its value
        public = {m.name for m in found if not m.name.rpartition(".")[2].startswith("_")}
        self.modules = {ModuleExpression(name) for name in public}  # type: ignore[assignment]  # as above
        return super().check(graph, verbose)
