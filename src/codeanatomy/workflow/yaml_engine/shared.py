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
    """One per engine; `imported` remembers which entries of the registry came with a file."""

    actions_registry: dict[str, Action]
    imports: Imports
    enable_code_execution: bool = False
    languages: dict[str, dict[str, Any]] = field(default_factory=dict)  # name -> its options
    parts: dict[str, Any] = field(default_factory=dict)
    imported: dict[str, Action] = field(default_factory=dict)

    def allow(self, language: str, *, enabled: bool, timeout: float) -> None:
        """Say whether nodes may be written in a language, and how many seconds one may take."""
        self.languages[language] = {"enabled": enabled, "timeout": timeout}

    def add(self, found: Mapping[str, Action]) -> None:
        """Put the imported actions of a file into the registry, where everybody finds them."""
        from codeanatomy.workflow.yaml_engine.imports import merge_actions  # noqa: PLC0415 - only files with imports

        merge_actions(self.actions_registry, found)
        self.imported.update(found)

    def find(self, name: str, own: Mapping[str, Action]) -> Action | None:
        """Return the action of that name as a file that imported `own` means it.

        What somebody put into the registry by hand comes first, then what the file imported, then
        what is built in, then what an installed package offers.
        """
        action = self.actions_registry.get(name)
        if action is not None and self.imported.get(name) is not action:
            return action
        if name in own:
            return own[name]
        if action is None and "." in name:
            self.add(self.imports.from_entry_point(name))
            action = self.actions_registry.get(name)
        return action
