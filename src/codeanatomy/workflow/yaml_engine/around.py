"""What stands around a run of an agent file: input checked, session loaded and saved, output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.hooks import Hooks
from codeanatomy.workflow.yaml_engine.sessions import kept_fields
from codeanatomy.workflow.yaml_engine.settings import section

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.yaml_engine.agent import Agent

    State = dict[str, Any]
    Begin = Callable[[State], tuple[State, list[dict[str, Any]]]]


def hooks_of(agent: Agent) -> Hooks | None:
    """Return what a file asks for around its runs; None when it asks for nothing."""
    session = section(agent.settings, "session")
    definition = agent.definition
    observability = agent.observability_context
    begin = None
    if session or definition.get("input_schema") or observability is not None:
        begin = _begin(agent, session, definition.get("input_schema"))
    output = (
        _output(agent, definition["output_schema"]) if definition.get("output_schema") else None
    )
    save = _save(agent, session) if session.get("auto_save", bool(session)) else None
    if begin is None and output is None and save is None:
        return None
    return Hooks(begin=begin, output=output, save=save)


def _begin(agent: Agent, session: Mapping[str, Any], schema: Any) -> Begin:  # noqa: ANN401 - what a file says
    check = _checker(schema) if schema else None

    def begin(state: State) -> tuple[State, list[dict[str, Any]]]:
        session_id = state.get("session_id")
        if check is not None:
            state, errors = check(state)
            if errors:
                return state, errors
        if session and session_id:
            stored = agent.session_backend.load(str(session_id)) if agent.session_backend else None
            state = {**(stored or {}), **state, "session_id": session_id}
        context = agent.observability_context
        if context is not None:
            state = {**state, "_observability": {"flow_id": context.flow_id, "enabled": True}}
        return state, []

    return begin


def _checker(schema: Any) -> Begin:  # noqa: ANN401 - what a file says
    from codeanatomy.workflow.load.inputs import (  # noqa: PLC0415 - only files with a schema
        InputSchema,
        ValidationError,
    )

    declared = InputSchema.from_dict(schema)

    def check(state: State) -> tuple[State, list[dict[str, Any]]]:
        try:
            return declared.validate(state), []
        except ValidationError as error:
            return state, error.errors

    return check


def _output(agent: Agent, schema: Any) -> Callable[[State], Any]:  # noqa: ANN401 - what a file says
    from codeanatomy.workflow.load.outputs import shape_output  # noqa: PLC0415 - only files with a schema

    def output(state: State) -> Any:  # noqa: ANN401 - whatever the templates give
        return shape_output(schema, agent.scope(state), agent.templates)

    return output


def _save(agent: Agent, session: Mapping[str, Any]) -> Callable[[State], None]:
    def save(state: State) -> None:
        session_id = state.get("session_id")
        if session_id and agent.session_backend is not None:
            agent.session_backend.save(
                str(session_id), kept_fields(session, state), session.get("ttl")
            )

    return save
