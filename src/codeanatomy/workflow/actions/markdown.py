"""Reading a Markdown text: its title, sections, tasks, variables and front matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._results import Result, err, ok

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host


def actions(host: Host) -> dict[str, Action]:
    """Return the action by its name."""
    return {"markdown.parse": parse}


def parse(
    state: dict[str, Any], content: str | None, extract: list[str] | None = None, **_: object
) -> Result:
    """Return the parts of a text, all or those that `extract` names."""
    if content is None:
        return err("Markdown parse error: content is None", "parse")
    try:
        import markdown_it  # noqa: F401 - so that a parser that is gone is noticed

        from codeanatomy.workflow.actions import _markdown
    except ImportError:
        return err("The Markdown parser is not installed: pip install markdown-it-py", "import")
    try:
        parts = _markdown.parse(str(content))
    except Exception as error:
        return err(f"Markdown parse error: {error}", "parse")
    wanted = parts if extract is None else extract
    return ok(**{name: part for name, part in parts.items() if name in wanted})
