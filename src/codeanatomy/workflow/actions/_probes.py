"""Asking a language model about each extracted thing whether the text really says so.

A probe has a `prompt` (a template that sees `entity` or `relationship`, and `source_text`), may say
`for_each: entities|relationships` and a `model`. The answer is yes or no, or JSON with `valid`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _calls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codeanatomy.workflow.actions._extraction import Extraction
    from codeanatomy.workflow.host import Host

    Render = Callable[[str, dict[str, Any]], Any]

Found = dict[str, Any]
_SINGULAR = {"entities": "entity", "entity": "entity"} | {
    "relationships": "relationship",
    "relationship": "relationship",
}
_ASK = 'Answer with yes or no, or with JSON like {"valid": false, "reason": "..."}.'
_YES = re.compile(r"\W*(yes|true)\b", re.IGNORECASE)


def check(host: Host, found: Extraction, probes: Any, render: Render) -> Iterator[Found]:
    """Yield what is wrong with a probe, and what a probe says is wrong."""
    for number, probe in enumerate(probes or []):
        name = str(probe.get("name", number)) if isinstance(probe, dict) else str(number)
        wrong = _misdeclared(probe)
        if wrong:
            yield _wrong("invalid_probe_config", name, "probes", wrong)
            continue
        for path, scope in _scopes(probe, found):
            yield from _ask(host, probe, render, name, path, scope)


def _misdeclared(probe: Any) -> str | None:
    if not isinstance(probe, dict):
        return f"a probe is a mapping, got {type(probe).__name__}"
    if not isinstance(probe.get("prompt"), str) or not probe["prompt"].strip():
        return "a probe needs a 'prompt'"
    each = probe.get("for_each")
    if each is not None and each not in _SINGULAR:
        return f"'for_each' is entities or relationships, got {each!r}"
    return None


def _scopes(probe: Found, found: Extraction) -> Iterator[tuple[str, Found]]:
    whole = {
        "entities": found.entities,
        "relationships": found.relationships,
        "source_text": found.text,
    }
    each = probe.get("for_each")
    if each is None:
        yield "extraction", whole
        return
    one = _SINGULAR[each]
    part = "entities" if one == "entity" else "relationships"
    for number, item in enumerate(found.part(part)):
        yield f"{part}[{number}]", {**whole, one: item, "item": item}


def _ask(
    host: Host, probe: Found, render: Render, name: str, path: str, scope: Found
) -> Iterator[Found]:
    try:
        question = str(render(probe["prompt"], scope))
    except Exception as error:
        yield _wrong("probe_render_error", name, path, str(error))
        return
    try:
        answer = _answer(host, probe, question)
    except Exception as error:
        yield _wrong("probe_execution_error", name, path, str(error))
        return
    if not _says_yes(answer):
        yield _wrong("semantic_probe_failed", name, path, answer.strip(), expected="yes")


def _answer(host: Host, probe: Found, question: str) -> str:
    call = _calls.lookup(host, "llm.call")
    if call is None:
        raise LookupError("there is no action llm.call")
    messages = [{"role": "system", "content": _ASK}, {"role": "user", "content": question}]
    model = {"model": probe["model"]} if probe.get("model") else {}
    found = _calls.call(call, {}, messages=messages, temperature=0.0, **model)
    if not isinstance(found, dict) or "content" not in found:
        told = found.get("error") if isinstance(found, dict) else found
        raise RuntimeError(str(told))
    return str(found["content"])


def _says_yes(answer: str) -> bool:
    start, end = answer.find("{"), answer.rfind("}")
    if 0 <= start < end:
        try:
            said = json.loads(answer[start : end + 1])
        except ValueError:
            said = None
        if isinstance(said, dict) and "valid" in said:
            return bool(said["valid"])
    return _YES.match(answer) is not None


def _wrong(kind: str, name: str, path: str, told: str, expected: object = None) -> Found:
    return {
        "type": kind,
        "path": path,
        "probe": name,
        "expected": expected,
        "actual": told,
        "message": f"Probe {name} of {path}: {told}",
    }
