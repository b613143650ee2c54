"""What all agent files of one engine have in common: the actions, and what actions keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.yaml_engine.imports import Imports

    Action = Callable[..., Any]


@dataclass(slots=True)
class Shared:
    """One per engine.

    `imported` remembers which entries of the registry came with a file, `replaced` what stood there
    before: files that did not import such a name go on with that.
    """

    actions_registry: dict[str, Action]
    imports: Imports
    enable_code_execution: bool = False
    languages: dict[str, dict[str, Any]] = field(default_factory=dict)  # name -> its options
    parts: dict[str, Any] = field(default_factory=dict)
    imported: dict[str, Action] = field(default_factory=dict)
    replaced: dict[str, Action] = field(default_factory=dict)

    def allow(self, language: str, *, enabled: bool, timeout: float) -> None:
        """Say whether nodes may be written in a language, and how many seconds one may take."""
        self.languages[language] = {"enabled": enabled, "timeout": timeout}

    def add(self, found: Mapping[str, Action]) -> None:
        """Put the imported actions of a file into the registry, where everybody finds them."""
        from codeanatomy.workflow.yaml_engine.imports import merge_actions  # noqa: PLC0415 - only files with imports

        for name in found:
            before = self.actions_registry.get(name)
            if before is not None and self.imported.get(name) is not before:
                self.replaced[name] = before
        merge_actions(self.actions_registry, found)
        self.imported.update(found)

    def find(self, name: str, own: Mapping[str, Action]) -> Action | None:
        """Return the action of that name as a file that imported `own` means it.

        An import of the file wins over what was in the registry when it was loaded: built in, or
        put there by hand. What is put there by hand after that wins over the import. Then comes
        what stood there before another file's import, then that, then what an installed package
        offers.
        """
        action = self.actions_registry.get(name)
        if action is not None and self.imported.get(name) is not action:
            return action
        found = own.get(name) or self.replaced.get(name)
        if found is not None:
            return found
        if action is None and "." in name:
            self.add(self.imports.from_entry_point(name))
            action = self.actions_registry.get(name)
        return action
