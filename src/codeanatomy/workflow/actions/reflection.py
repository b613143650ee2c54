"""Actions that generate, evaluate and correct until the result is good enough."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.actions._calls import call
from codeanatomy.workflow.actions._thinking import ask, read_json, said
from codeanatomy.workflow.errors import ReflectionFailedError
from codeanatomy.workflow.template.written import render_given, renders

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_FAILURES = ("return_best", "return_last", "raise")
_EVALUATORS = ("schema", "llm", "custom")
_ROLES = ("generator", "evaluator", "corrector")
_CODE = tuple(f"{role}.run" for role in _ROLES)
_PARAMETERS = tuple(f"{role}.with*" for role in _ROLES)
_JUDGE = (
    "You judge an output. Answer with one JSON object and nothing else:"
    ' {"valid": <true or false>, "score": <0.0 to 1.0>, "errors": [<what is wrong>],'
    ' "suggestions": [<what would help>]}'
)
_CORRECT = (
    "Correct the output so that the errors are gone, and change nothing else. Answer with the"
    " corrected output alone, as JSON if the output is JSON."
)


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by their names."""
    return {
        "reflection.loop": renders(partial(loop, host), *_CODE, *_PARAMETERS),
        "reflection.evaluate": renders(partial(evaluate, host), "run"),
        "reflection.correct": renders(partial(correct, host), "run"),
    }


def loop(
    host: Host,
    /,
    state: State,
    generator: State,
    evaluator: State,
    corrector: State | None = None,
    max_iterations: int = 3,
    on_failure: str = "return_best",
    **_: object,
) -> State:
    """Generate, evaluate and correct, `max_iterations` times at most."""
    _check(generator, evaluator, max_iterations, on_failure)
    history: list[State] = []
    _check_actions(host, generator, evaluator, corrector)
    output = _produced(host, generator, state, {})
    for number in range(1, max_iterations + 1):
        judged = _judged(host, evaluator, output, state)
        history.append({"iteration": number, "output": output, **_shown(judged)})
        if judged["valid"]:
            return _result(history, history[-1], valid=True)
        if number < max_iterations:
            output = _produced(host, corrector or generator, state, _seen(history))
    if on_failure == "raise":
        raise ReflectionFailedError(
            f"Reflection loop failed after {max_iterations} iterations", history=history
        )
    chosen = history[-1] if on_failure == "return_last" else _best(history)
    return {**_result(history, chosen, valid=False), "exhausted": True}


def evaluate(
    host: Host,
    /,
    state: State,
    data: Any = None,
    evaluator_type: str = "schema",
    schema: State | None = None,
    prompt: str | None = None,
    model: str | None = None,
    examples: list[Any] | None = None,
    run: str | None = None,
    language: str = "python",
    **_: object,
) -> State:
    """Judge an output once: `valid`, `score`, `errors` and `suggestions`."""
    asked: State = {"type": evaluator_type, "schema": schema, "prompt": prompt, "model": model}
    asked |= {"examples": examples, "run": run, "language": language}
    output = state.get("reflection_output") if data is None else data
    if evaluator_type not in _EVALUATORS:
        text = f"Unknown evaluator type: {evaluator_type}. Must be one of {list(_EVALUATORS)}"
        return _bad(text, success=False)
    return _judged(host, asked, output, state)


def correct(
    host: Host,
    /,
    state: State,
    data: Any = None,
    errors: list[Any] | None = None,
    corrector_action: str | None = None,
    run: str | None = None,
    prompt: str | None = None,
    model: str | None = None,
    **_: object,
) -> State:
    """Correct an output once, by an action, by code or by a model."""
    output = state.get("reflection_output") if data is None else data
    wrong = state.get("reflection_errors", []) if errors is None else errors
    try:
        if corrector_action or run:
            how = {"action": corrector_action} if corrector_action else {"run": run}
            seen = {"output": output, "errors": wrong, "reflection_output": output}
            corrected = _produced(host, how, state, {**seen, "reflection_errors": wrong})
        else:
            about = f"Output:\n{_text(output)}\n\nErrors:\n{_text(wrong)}"
            text = ask(host, model or "gpt-4", said(prompt or _CORRECT, about), 0.3)
            corrected = _read(text) if not isinstance(output, str) else text
    except Exception as error:
        return {"corrected_output": output, "success": False, "error": str(error)}
    return {"corrected_output": corrected, "success": True}


def _seen(history: list[State]) -> State:
    """Return what a corrector sees of the rounds so far; keys of the output are not among it."""
    result = _result(history, history[-1], valid=False)
    told = {key: value for key, value in result.items() if key.startswith("reflection_")}
    return {**told, "output": history[-1]["output"], "errors": history[-1]["errors"]}


def _check(generator: State, evaluator: State, iterations: int, on_failure: str) -> None:
    if iterations < 1:
        raise SpecError(f"reflection.loop: max_iterations must be at least 1, got {iterations}")
    if on_failure not in _FAILURES:
        raise SpecError(
            f"reflection.loop: Invalid on_failure strategy: {on_failure}."
            f" Must be one of {list(_FAILURES)}"
        )
    if not isinstance(generator, dict) or not (generator.get("action") or generator.get("run")):
        raise SpecError("reflection.loop: Unknown generator: give 'action' or 'run'")
    kind = evaluator.get("type", "schema") if isinstance(evaluator, dict) else evaluator
    if kind not in _EVALUATORS:
        raise SpecError(
            f"reflection.loop: Unknown evaluator type: {kind}. Must be one of {list(_EVALUATORS)}"
        )


def _check_actions(host: Host, generator: State, evaluator: State, corrector: State | None) -> None:
    named = (("generator", generator), ("evaluator", evaluator), ("corrector", corrector or {}))
    for role, how in named:
        if how.get("action") and how["action"] not in host.actions_registry:
            raise SpecError(f"reflection.loop: Unknown {role} action: {how['action']}")


def _produced(host: Host, how: State, state: State, seen: State) -> Any:
    """Return what an action or a code gives; the loop's own values are in its state."""
    scope = {**state, **seen}
    if how.get("action"):
        action = host.actions_registry.get(how["action"])
        if action is None:
            raise SpecError(f"reflection.loop: Unknown action: {how['action']}")
        params = render_given(host, how.get("with") or {}, scope, **seen)
        return call(partial(action, **params), scope)
    if how.get("run"):
        return _ran(host, how["run"], scope)
    told = said(how.get("prompt") or _CORRECT, _text(seen))
    text = ask(host, how.get("model") or "gpt-4", told, 0.3)
    return _read(text)


def _ran(host: Host, code: Any, scope: State) -> Any:
    if callable(code):
        return code(scope)
    seen = {key: scope[key] for key in ("output", "errors") if key in scope}
    found = host.run_code(str(code), scope, **seen)
    return found["result"] if isinstance(found, dict) and "result" in found else found


def _judged(host: Host, evaluator: State, output: Any, state: State) -> State:
    try:
        kind = evaluator.get("type", "schema")
        if kind == "schema":
            return _by_schema(evaluator.get("schema"), output)
        if kind == "llm":
            return _by_model(host, evaluator, output)
        seen = {"output": output, "reflection_output": output}
        return _verdict(_produced(host, evaluator, state, seen))
    except Exception as error:
        return _bad(f"Evaluation failed: {error}", success=False)


def _by_schema(schema: State | None, output: Any) -> State:
    if not schema:
        return _bad("No schema to evaluate against", success=False)
    from jsonschema import Draft7Validator

    found = sorted(Draft7Validator(schema).iter_errors(output), key=lambda e: list(e.path))
    errors = [{"path": ".".join(map(str, e.absolute_path)), "message": e.message} for e in found]
    score = 1.0 if not errors else max(0.0, 1.0 - len(errors) / (len(errors) + 1))
    return _good(valid=not errors, score=score, errors=errors)


def _by_model(host: Host, evaluator: State, output: Any) -> State:
    examples = evaluator.get("examples") or []
    about = evaluator.get("prompt") or "Judge whether the output is correct and complete."
    parts = [about, *(f"Example:\n{_text(one)}" for one in examples), f"Output:\n{_text(output)}"]
    model = evaluator.get("model") or "gpt-4"
    return _verdict(read_json(ask(host, model, said(_JUDGE, "\n\n".join(parts)), 0.0)))


def _verdict(found: Any) -> State:
    """Return a judgement from whatever a judge gave: a mapping, a number, or yes and no."""
    if isinstance(found, bool):
        return _good(valid=found, score=float(found), errors=[] if found else ["not valid"])
    if isinstance(found, int | float):
        return _good(valid=found >= 1.0, score=float(found), errors=[])
    if not isinstance(found, dict) or not {"valid", "score"} & set(found):
        return _bad(f"An evaluator gives 'valid' or 'score', got {found!r}", success=False)
    valid = bool(found.get("valid", found.get("score", 0) >= 1.0))
    judged = _good(
        valid=valid,
        score=float(found.get("score", 1.0 if valid else 0.0)),
        errors=list(found.get("errors") or []),
    )
    return {**judged, "suggestions": list(found.get("suggestions") or [])}


def _good(*, valid: bool, score: float, errors: list[Any]) -> State:
    return {"valid": valid, "score": score, "errors": errors, "suggestions": [], "success": True}


def _bad(text: str, *, success: bool) -> State:
    errors = [{"path": "", "message": text}]
    return {**_good(valid=False, score=0.0, errors=errors), "success": success, "error": text}


def _shown(judged: State) -> State:
    return {key: judged[key] for key in ("score", "valid", "errors")}


def _best(history: list[State]) -> State:
    return max(history, key=lambda entry: (entry["score"], entry["iteration"]))


def _result(history: list[State], chosen: State, *, valid: bool) -> State:
    output, best = chosen["output"], _best(history)
    spread = output if isinstance(output, dict) else {"result": output}
    return {
        **spread,
        "reflection_iteration": len(history),
        "reflection_output": output,
        "reflection_errors": [] if valid else chosen["errors"],
        "reflection_history": history,
        "reflection_best": best["output"],
        "reflection_best_score": best["score"],
        "success": valid,
        "valid": valid,
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, default=str)


def _read(text: str) -> Any:
    try:
        return read_json(text)
    except Exception:
        return text
