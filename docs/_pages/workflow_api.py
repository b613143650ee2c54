"""The reference of the workflow's Python API: every public name with its signature."""

from __future__ import annotations

from importlib import import_module

from docs._pages.writing import page, public

_SENTENCE = (
    "What `import codeanatomy.workflow` gives. The distribution `the_edge_agent` has the same "
    "names, and the submodules of the API it stands for."
)


def workflow_api_page() -> str:
    """Return the page: a heading for every name."""
    room = import_module("codeanatomy.workflow")
    sections = [public(name, getattr(room, name)) for name in workflow_names()]
    return page("The workflow in Python", _SENTENCE, sections)


def workflow_names() -> list[str]:
    """Name everything public."""
    return sorted(import_module("codeanatomy.workflow").__all__)
