"""The parts of a Markdown text, found by a parser of CommonMark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*\}\}")
_TASK = re.compile(r"\[(?P<mark>[ xX])\]\s+(?P<text>.*)", re.DOTALL)


def parse(text: str) -> dict[str, Any]:
    """Return title, sections, variables, frontmatter and tasks."""
    front = _FRONT.match(text)
    body = text[front.end() :] if front else text
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    sections = _sections(tokens, body.splitlines())
    frontmatter = _frontmatter(front[1]) if front else {}
    return {
        "title": _title(frontmatter, sections),
        "sections": sections,
        "variables": list(dict.fromkeys(_VARIABLE.findall(body))),
        "frontmatter": frontmatter,
        "tasks": _tasks(tokens, sections),
    }


def _title(frontmatter: dict[str, Any], sections: list[dict[str, Any]]) -> str | None:
    given = frontmatter.get("title")
    if given is not None:
        return str(given)
    return next((one["title"] for one in sections if one["level"] == 1), None)


def _sections(tokens: list[Token], lines: list[str]) -> list[dict[str, Any]]:
    """Return the headings with the text up to the next one; lines count from 0 in the body."""
    heads = [
        (int(token.tag[1]), tokens[at + 1].content, token.map[0], token.map[1])
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map is not None
    ]
    ends = [*(start for _, _, start, _ in heads), len(lines)][1:]
    return [
        {
            "level": level,
            "title": title,
            "content": "\n".join(lines[after:end]).strip(),
            "line": start,
        }
        for (level, title, start, after), end in zip(heads, ends, strict=True)
    ]


def _tasks(tokens: list[Token], sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for at, token in enumerate(tokens):
        if token.type != "list_item_open" or at + 2 >= len(tokens):
            continue
        task = _TASK.match(tokens[at + 2].content)
        if task is None or tokens[at + 2].type != "inline":
            continue
        line = token.map[0] if token.map else 0
        above = [one["title"] for one in sections if one["line"] <= line]
        found.append(
            {
                "text": task["text"].strip(),
                "completed": task["mark"] != " ",
                "section": above[-1] if above else None,
            }
        )
    return found


def _frontmatter(text: str) -> dict[str, Any]:
    from codeanatomy.workflow.load.read import read_yaml

    found = read_yaml(text).value
    return found if isinstance(found, dict) else {}
