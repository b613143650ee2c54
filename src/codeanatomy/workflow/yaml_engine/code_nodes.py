"""A node that is a piece of code: Python, a single expression, Lua or Prolog."""

# ruff: noqa: ANN401 - code gives values of any type

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.kernel.errors import SpecError, UnsupportedError
from codeanatomy.workflow.code.block import compile_block
from codeanatomy.workflow.code.expression import compile_expression
from codeanatomy.workflow.yaml_engine.calls import finished
from codeanatomy.workflow.yaml_engine.code_scope import code_scope
from codeanatomy.workflow.yaml_engine.settings import listed, section

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.code.block import Block
    from codeanatomy.workflow.yaml_engine.agent import Agent

    State = dict[str, Any]
    Run = Callable[..., Any]


class LanguageError(UnsupportedError, ValueError):
    """A node's code is in a language that is not known, or not allowed."""

    code = "language"


def code_block(agent: Agent, node: Mapping[str, Any], where: str) -> Run:
    """Return the function of a node with a `run` or a `script`."""
    code = node.get("run", node.get("script"))
    language = str(node.get("language") or "python").lower()
    output = node.get("output", node.get("output_key"))
    if callable(code):
        return _called(code)
    if isinstance(code, dict):
        if code.get("type", "expression") == "expression":
            return _expression(agent, code, Place(agent, node, where))
        language = str(code.get("language") or language)
        code = code.get("value", code.get("code"))
    if not isinstance(code, str):
        raise SpecError(f"Node '{where}': 'run' must be code, got {type(code).__name__}")
    if language not in _LANGUAGES:
        known = ", ".join(_LANGUAGES)
        raise LanguageError(f"Node '{where}': no language {language!r}; there are: {known}")
    place = Place(agent, node, where)
    return _named(_LANGUAGES[language](agent, code, place), output)


class Place(NamedTuple):
    """Where a piece of code stands."""

    agent: Agent
    node: Mapping[str, Any]
    where: str

    @property
    def name(self) -> str:
        """What tracebacks call the code."""
        return self.agent.file if self.line > 1 else f"{self.agent.file}, node '{self.where}'"

    @property
    def line(self) -> int:
        """The line of the file on which the code begins; 1 where that is not known."""
        document = self.agent.document
        for index, node in enumerate(listed(self.agent.definition, "nodes")):
            if node is self.node and document is not None:
                key = "run" if "run" in node else "script"
                return max(1, document.first_line(("nodes", index, key)))
        return 1


def _called(function: Run) -> Run:
    return function


def _named(run: Run, output: Any) -> Run:
    """Put the result under the output's key too; a dict of updates stays what it is."""
    if not isinstance(output, str):
        return run

    def named(state: State, config: Mapping[str, Any] | None = None) -> State:
        result = run(state, config)
        return {**result, output: result} if isinstance(result, dict) else {output: result}

    return named


def _python(agent: Agent, code: str, place: Place) -> Run:
    made: list[Block] = []  # when it first runs: finding the line reads the file once more

    def run(state: State, config: Mapping[str, Any] | None = None) -> Any:
        if not made:
            made.append(compile_block(code, place.name, place.line))
        scope = code_scope(agent, agent.action, state, {"config": config, "node": place.where})
        names = agent.scope(state)
        return finished(made[0].run(scope, state, templates=agent.templates, names=names))

    return run


def _lua(agent: Agent, code: str, place: Place) -> Run:
    return _foreign(agent, code, place, "lua")


def _prolog(agent: Agent, code: str, place: Place) -> Run:
    return _foreign(agent, code, place, "prolog")


def _foreign(agent: Agent, code: str, place: Place, language: str) -> Run:
    """Return the function of code in another language, once that is allowed."""
    options = {**agent.shared.languages[language], **section(agent.settings, language)}
    compiled: list[Any] = []

    def run(state: State, config: Mapping[str, Any] | None = None) -> Any:
        if not options.get("enabled"):
            raise LanguageError(
                f"Node '{place.where}': {language} is not enabled; "
                f"YAMLEngine({language}_enabled=True) or settings.{language}.enabled allows it"
            )
        if not compiled:
            module = import_module(f"codeanatomy.workflow.code.{language}")
            compiled.append(getattr(module, f"compile_{language}")(code, place.name, place.line))
        scope = code_scope(agent, agent.action, state, {"config": config, "node": place.where})
        return compiled[0].run(
            scope,
            state,
            templates=agent.templates,
            names=agent.scope(state),
            timeout=float(options["timeout"]),
        )

    return run


def _expression(agent: Agent, declared: Mapping[str, Any], place: Place) -> Run:
    value, key = declared.get("value"), str(declared.get("output_key") or "result")
    if value is None:
        raise SpecError(f"Node '{place.where}': an expression needs a 'value'")
    if not isinstance(value, str):
        return lambda state, config=None: {key: value}  # noqa: ARG005 - every node takes both
    compiled = compile_expression(value, f"{agent.file}, node '{place.where}'")

    def run(state: State, config: Mapping[str, Any] | None = None) -> State:
        scope = code_scope(agent, agent.action, state, {"config": config, "node": place.where})
        names = agent.scope(state)
        return {key: compiled.run(scope, state, templates=agent.templates, names=names)}

    return run


# language -> what makes the function of its code
_LANGUAGES: dict[str, Callable[[Agent, str, Place], Run]] = {
    "python": _python,
    "lua": _lua,
    "prolog": _prolog,
}
