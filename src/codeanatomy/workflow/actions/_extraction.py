"""What an extraction must look like: fields that are required, types that are known.

The schema has two parts, `entities` and `relationships`. Each may name `required_fields`; `types`
lists what the field `type` may be, or maps it to the fields that type needs besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Found = dict[str, Any]
_FIELDS = ("required_fields", "required", "type_specific_fields", "fields")


class Extraction(NamedTuple):
    """What was extracted, and from what."""

    entities: list[Found]
    relationships: list[Found]
    text: str

    def part(self, name: str) -> list[Found]:
        """Return the entities or the relationships."""
        return self.entities if name == "entities" else self.relationships


def check(found: Extraction, schema: Found) -> Iterator[Found]:
    """Yield what breaks the schema: type, path, expected, actual and message each."""
    for part in ("entities", "relationships"):
        rules = schema.get(part) or {}
        for number, item in enumerate(found.part(part)):
            yield from _check_item(item, rules, part, f"{part}[{number}]")


def check_constraints(constraints: Any) -> Iterator[Found]:
    """Yield that constraints in Prolog cannot be checked, where there are any."""
    if constraints:
        yield {
            "type": "configuration_error",
            "path": "constraints",
            "expected": "a Prolog engine",
            "actual": None,
            "message": "Constraints are written in Prolog, and there is no Prolog engine here",
        }


def prompt(schema: Found, constraints: Any, *, confidence: bool) -> str:
    """Return the text that asks a model for an extraction of this shape."""
    parts = {part: schema.get(part) or {} for part in ("entities", "relationships")}
    if not any(parts.values()):
        return ""
    lines = ["Extract entities and relationships from the text as JSON."]
    for part, rules in parts.items():
        if not rules:
            continue
        lines += ["", f"Each of `{part}` must have: {', '.join(_required(rules)) or 'any fields'}."]
        for kind, fields in _types(rules).items():
            besides = f", with {', '.join(fields)}" if fields else ""
            lines.append(f"- type `{kind}`{besides}")
    if constraints:
        lines += ["", "These constraints hold:", str(constraints).strip()]
    if confidence:
        lines += ["", "Add to each a `confidence` from 0 to 1."]
    return "\n".join(lines)


def _check_item(item: Any, rules: Found, part: str, path: str) -> Iterator[Found]:
    if not isinstance(item, dict):
        yield _wrong("missing_required_field", path, "a mapping", type(item).__name__)
        return
    for field in _required(rules):
        if item.get(field) in (None, ""):
            yield _wrong("missing_required_field", f"{path}.{field}", field, item.get(field))
    known, kind = _types(rules), item.get("type")
    if not known or kind is None:
        return
    if kind in known:
        for field in known[kind]:
            if item.get(field) in (None, ""):
                at = f"{path}.{field}"
                yield _wrong("missing_type_specific_field", at, field, item.get(field))
    elif part == "relationships":
        yield _wrong("invalid_relationship_type", f"{path}.type", list(known), kind)


def _required(rules: Found) -> list[str]:
    return [str(field) for field in rules.get("required_fields") or rules.get("required") or []]


def _types(rules: Found) -> dict[str, list[str]]:
    declared = rules.get("types") or rules.get("valid_types") or rules.get("type_specific") or {}
    if isinstance(declared, dict):
        return {str(kind): _fields(fields) for kind, fields in declared.items()}
    found: dict[str, list[str]] = {}
    for one in declared:
        named = one.get("name") or one.get("type") if isinstance(one, dict) else one
        found[str(named)] = _fields(one) if isinstance(one, dict) else []
    return found


def _fields(declared: Any) -> list[str]:
    if isinstance(declared, dict):
        declared = next((declared[name] for name in _FIELDS if declared.get(name)), [])
    return [str(field) for field in declared or []]


def _wrong(kind: str, path: str, expected: object, actual: object) -> Found:
    message = f"{path}: expected {expected}, got {actual!r}"
    return {
        "type": kind,
        "path": path,
        "expected": expected,
        "actual": actual,
        "message": message,
    }
