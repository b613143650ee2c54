"""A node that calls an action: its parameters rendered, its result put under the output's names."""

# ruff: noqa: ANN401 - parameters and results of actions are of any type

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import UnknownNameError
from codeanatomy.workflow.template.written import joined, parted
from codeanatomy.workflow.yaml_engine.calls import call_action, injected
from codeanatomy.workflow.yaml_engine.llm_settings import with_llm_defaults
from codeanatomy.workflow.yaml_engine.payloads import payload_keeper
from codeanatomy.workflow.yaml_engine.settings import mapping_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.yaml_engine.agent import Agent

    State = dict[str, Any]
    Run = Callable[[State, Mapping[str, Any] | None], State]


class UnknownActionError(UnknownNameError, ValueError):
    """A node uses an action that neither the engine nor an installed package has."""

    code = "unknown-action"


def action_call(agent: Agent, node: Mapping[str, Any], where: str) -> Run:
    """Return the function of a node that `uses` an action."""
    name = str(node["uses"])
    params = with_llm_defaults(name, mapping_of(node, "with", f"Node '{where}': "), agent.settings)
    output = node.get("output", node.get("output_key"))
    keep = payload_keeper(agent, name, where)
    known: list[Any] = [None, frozenset(), None]  # the action seen last, what it asks for by name

    def run(state: State, config: Mapping[str, Any] | None = None) -> State:
        action = agent.action(name)
        if action is None:
            raise UnknownActionError(f"Unknown action: {name}")
        if known[0] is not action:
            known[:] = [action, injected(action), parted(params, action)]
        now, later = known[2]
        given = agent.render(now, state) if now else {}
        given = joined(given, later) if later else given
        if known[1]:
            given = {**_known(agent, where, state, config, known[1]), **given}
        result = call_action(name, action, state, given)
        if keep is not None:
            keep(given, result)
        return shaped(agent, output, result, state)

    return run


def _known(
    agent: Agent, where: str, state: State, config: Mapping[str, Any] | None, asked: frozenset[str]
) -> State:
    """Return what the loop knows, as far as it is asked for."""
    everything = {
        "config": config,
        "node": where,
        "graph": agent.current_graph,
        "parallel_results": state.get("parallel_results", []),
    }
    return {name: everything[name] for name in asked}


def shaped(agent: Agent, output: Any, result: Any, state: State) -> State:
    """Return the update that a result makes: under a key, by templates, or merged."""
    if output is None:
        return result if isinstance(result, dict) else {"result": result}
    if isinstance(output, dict):
        values = {
            key: agent.render(template, state, result=result) for key, template in output.items()
        }
        return {key: "" if value is None else value for key, value in values.items()}
    return {str(output): result}
