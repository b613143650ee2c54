"""Checking what a model extracted from a text, and asking it for the right shape before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.template.written import render_given, renders

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""

    def extraction(
        state: State,
        entities: list[State] | None = None,
        relationships: list[State] | None = None,
        source_text: str | None = None,
        schema: State | None = None,
        constraints: Any = None,
        probes: list[State] | None = None,
        logging: Any = None,
        agent_name: str = "unknown",
        **_: object,
    ) -> State:
        """Check entities and relationships against a schema, constraints and probes."""
        from codeanatomy.workflow.actions import _extraction, _probes

        found = _extraction.Extraction(
            entities if entities is not None else state.get("entities") or [],
            relationships if relationships is not None else state.get("relationships") or [],
            source_text if source_text is not None else state.get("text") or "",
        )
        rules = schema if schema is not None else host.definition.get("extraction_schema")
        wanted = _declared(host, constraints, _ready(host, state, probes))
        errors = [
            *_extraction.check(found, rules or {}),
            *_extraction.check_constraints(wanted[0]),
            *_probes.check(host, found, wanted[1], _renderer(host, state, probes)),
        ]
        now = datetime.now(UTC).isoformat()
        return {"valid": not errors, "errors": errors, "validated_at": now}

    def generate_prompt(
        state: State,
        schema: State | None = None,
        constraints: Any = None,
        confidence_tracking: bool = False,
        **_: object,
    ) -> State:
        """Return a text that tells a model which shape is wanted; empty without a schema."""
        from codeanatomy.workflow.actions import _extraction

        rules = schema if schema is not None else host.definition.get("extraction_schema")
        wanted = _declared(host, constraints, None)[0]
        text = _extraction.prompt(rules or {}, wanted, confidence=confidence_tracking)
        return {"extraction_prompt": text}

    return {
        "validate.extraction": renders(extraction, "probes*"),
        "validate.generate_prompt": generate_prompt,
    }


def _ready(host: Host, state: State, probes: Any) -> Any:
    """Render all of the probes of a node but their prompts."""
    if not isinstance(probes, list):
        return probes
    return [
        {k: v if k == "prompt" else render_given(host, v, state) for k, v in probe.items()}
        if isinstance(probe, dict)
        else probe
        for probe in probes
    ]


def _renderer(host: Host, state: State, given: Any) -> Callable[[str, State], Any]:
    """Return what renders a probe: one of the file sees what the file sees."""
    if given is None:
        return lambda text, scope: host.render(text, state, **scope)
    return lambda text, scope: render_given(host, text, state, **scope)


def _declared(host: Host, constraints: Any, probes: Any) -> tuple[Any, Any]:
    """Return constraints and probes as given, or as the file declares them."""
    section = host.definition.get("validation_constraints")
    inside = section if isinstance(section, dict) else {"prolog": section}
    return (
        inside.get("prolog") if constraints is None else constraints,
        inside.get("probes", inside.get("semantic_probes")) if probes is None else probes,
    )
