"""The names of builtins: the interpreter's, and nothing that a process added."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from codeanatomy.cpg.stages.pybuiltins import builtin_names

if TYPE_CHECKING:
    import pytest


def test_a_plain_interpreter_has_exactly_these() -> None:
    """Without additions, the names are those of the module `builtins`."""
    assert set(builtin_names()) == set(dir(builtins))


def test_what_a_prompt_adds_is_not_a_builtin(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last result of a prompt, `_`, may be a builtin function and is none itself."""
    monkeypatch.setattr(builtins, "_", print, raising=False)
    builtin_names.cache_clear()
    assert "_" not in builtin_names()
