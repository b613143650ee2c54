"""Reading JSON schemas that are written inline, on a disk or in a repository."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _paths
from codeanatomy.workflow.actions._results import Failed

if TYPE_CHECKING:
    from codeanatomy.workflow.host import Host

_USED = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)@(?P<ref>[^#]+)#(?P<path>.+)")


def load_all(host: Host, declared: list[Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the schemas that could be read, and what was wrong with the others."""
    loaded: list[dict[str, Any]] = []
    errors: list[str] = []
    for one in declared:
        try:
            loaded.append(_load(host, one))
        except (Failed, OSError, ValueError, TypeError) as error:
            errors.append(f"{_name(one)}: {error}")
    return loaded, errors


def _load(host: Host, declared: Any) -> dict[str, Any]:
    if not isinstance(declared, dict) or not {"inline", "path", "uses"} & set(declared):
        raise ValueError("a schema is one of inline, path and uses")
    if "inline" in declared:
        found = declared["inline"]
    else:
        place = _paths.find(host, declared.get("path") or _address(str(declared["uses"])))
        found = _parsed(place.fs.cat_file(place.path).decode(), place.text)
    if not isinstance(found, dict):
        raise TypeError(f"a schema is a mapping, got {type(found).__name__}")
    return found


def _address(uses: str) -> str:
    found = _USED.fullmatch(uses)
    return "github://{repo}@{ref}/{path}".format(**found.groupdict()) if found else uses


def _parsed(text: str, name: str) -> Any:
    if not name.endswith((".yaml", ".yml")):
        return json.loads(text)
    from codeanatomy.workflow.load.read import read_yaml

    return read_yaml(text).value


def _name(declared: Any) -> str:
    return (
        str(declared.get("path") or declared.get("uses") or "inline")
        if isinstance(declared, dict)
        else "schema"
    )
