"""Actions that make a model think in steps: a chain, act and observe, correct, divide."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._calls import call
from codeanatomy.workflow.actions._thinking import Message, ask, read_json, said

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_FORMATS = {
    "step_by_step": "Think step by step and number the steps.",
    "pros_cons": "Weigh what speaks for and against each possibility.",
    "first_principles": "Start from what is certain and derive the rest.",
}
_COT = (
    "{how} Answer with one JSON object and nothing else:"
    ' {{"thinking": "<your reasoning>", "answer": "<your answer>"}}'
)
_REACT = (
    "Reach the goal by thinking and acting in turns. Tools:\n{tools}\n\n"
    "Answer each time with one JSON object and nothing else:"
    ' {{"thought": "<why>", "action": "<tool name>", "action_input": {{...}}}}.'
    ' When the goal is reached: {{"thought": "<why>", "action": "final_answer",'
    ' "action_input": "<the answer>"}}'
)
_AGAIN = "That was not one JSON object with thought, action and action_input. Answer again."
_CRITIC = (
    "You review the answer to a task. Say what is wrong or missing, most important first;"
    " say so if nothing is."
)
_DIVIDE = (
    "Divide the problem into independent smaller problems, as few as will do. Answer with one"
    ' JSON object and nothing else: {"sub_problems": [{"problem": "<text>",'
    ' "complex": <true if it should itself be divided>}]}'
)
_JOIN = (
    "Combine the answers to the parts into one answer to the whole. Answer with one JSON object"
    ' and nothing else: {"final_answer": "<text>", "synthesis_reasoning": "<how>"}'
)


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by their names."""
    return {
        "reason.cot": partial(cot, host),
        "reason.react": partial(react, host),
        "reason.self_correct": partial(self_correct, host),
        "reason.decompose": partial(decompose, host),
        "reason.dspy.cot": partial(_natively, partial(cot, host)),
        "reason.dspy.react": partial(_natively, partial(react, host)),
        "reason.dspy.compile": dspy_compile,
        "reason.dspy.list_compiled": dspy_compiled,
    }


def cot(
    host: Host,
    /,
    state: State,
    problem: str,
    model: str = "gpt-4",
    thinking_format: str = "step_by_step",
    few_shot_examples: list[State] | None = None,
    temperature: float = 0.7,
    **_: object,
) -> State:
    """Have the model reason before it answers."""
    trace: list[State] = []
    how = _FORMATS.get(thinking_format, thinking_format)
    messages = said(_COT.format(how=how), problem)
    messages[1:1] = _examples(few_shot_examples or [])
    try:
        text = ask(host, model, messages, temperature)
        trace.append(_step("cot", problem=problem, response=text))
        found = read_json(text)
        thinking, answer = found["thinking"], found["answer"]
    except Exception as error:
        return _failed("Chain-of-thought reasoning failed", error, trace)
    return {
        "thinking": thinking,
        "answer": answer,
        "reasoning_trace": trace,
        "model": model,
        "thinking_format": thinking_format,
        "reasoning_thinking": thinking,
        "reasoning_answer": answer,
    }


def react(
    host: Host,
    /,
    state: State,
    goal: str,
    model: str = "gpt-4",
    tools: Any = None,
    max_steps: int = 10,
    temperature: float = 0.7,
    **_: object,
) -> State:
    """Have the model act with tools and observe, until it has the final answer."""
    offered = _offered(host, tools)
    about = "\n".join(f"- {name}: {text}" for name, (_, text) in offered.items()) or "(none)"
    messages = said(_REACT.format(tools=about), goal)
    steps: list[State] = []
    try:
        for number in range(1, max_steps + 1):
            text = ask(host, model, messages, temperature)
            step = _acted(text, number, offered, state)
            steps.append(step)
            if step["action"] == "final_answer":
                return _reacted(steps, step["action_input"], model)
            messages += _observed(text, step)
    except Exception as error:
        return _failed("ReAct reasoning failed", error, steps)
    warning = f"Max steps ({max_steps}) reached without a final answer"
    return {**_reacted(steps, None, model), "warning": warning}


def self_correct(
    host: Host,
    /,
    state: State,
    task: str,
    model: str = "gpt-4",
    generator_model: str | None = None,
    critic_model: str | None = None,
    improvement_rounds: int = 2,
    critic_prompt: str | None = None,
    temperature: float = 0.7,
    **_: object,
) -> State:
    """Have one model answer, another criticise, and the first improve, round by round."""
    generator, critic = generator_model or model, critic_model or model
    history: list[State] = []
    trace: list[State] = []
    try:
        output = ask(host, generator, [{"role": "user", "content": task}], temperature)
        history.append({"round": 0, "type": "initial", "output": output})
        trace.append(_step("generate", round=0, output=output))
        for number in range(1, improvement_rounds + 1):
            about = f"Task:\n{task}\n\nAnswer:\n{output}"
            critique = ask(host, critic, said(critic_prompt or _CRITIC, about), temperature)
            trace.append(_step("critique", round=number, critique=critique))
            wanted = f"{about}\n\nCriticism:\n{critique}\n\nWrite the improved answer only."
            output = ask(host, generator, [{"role": "user", "content": wanted}], temperature)
            improved = {"type": "improvement", "critique": critique, "output": output}
            history.append({"round": number, **improved})
            trace.append(_step("improve", round=number, output=output))
    except Exception as error:
        return _failed("Self-correction failed", error, trace)
    return {
        "output": output,
        "improvement_history": history,
        "reasoning_trace": trace,
        "reasoning_answer": output,
        "model": model,
        "generator_model": generator,
        "critic_model": critic,
        "rounds_completed": improvement_rounds,
    }


def decompose(
    host: Host,
    /,
    state: State,
    problem: str,
    model: str = "gpt-4",
    max_depth: int = 2,
    synthesis_prompt: str | None = None,
    temperature: float = 0.7,
    **_: object,
) -> State:
    """Have the model divide a problem, answer the parts, and join the answers."""
    trace: list[State] = []

    def asked(messages: list[Message]) -> str:
        return ask(host, model, messages, temperature)

    try:
        parts = _parts(asked, problem, 1, trace)
        answers, depth = _answers(asked, parts, 1, max_depth, trace)
        joined = _joined(asked, problem, answers, synthesis_prompt or _JOIN)
        trace.append(_step("synthesize", answer=joined["final_answer"]))
    except Exception as error:
        return _failed("Problem decomposition failed", error, trace)
    return {
        "sub_problems": [part["problem"] for part in parts],
        "sub_answers": answers,
        "final_answer": joined["final_answer"],
        "synthesis_reasoning": joined["synthesis_reasoning"],
        "reasoning_trace": trace,
        "reasoning_answer": joined["final_answer"],
        "model": model,
        "depth_used": depth,
    }


def dspy_compile(state: State, **_: object) -> State:
    """Say that compiling prompts needs DSPy; the other actions do without."""
    text = "DSPy is not available: compiling prompts needs it. pip install dspy"
    return {"error": text, "success": False, "compiled": False}


def dspy_compiled(state: State, **_: object) -> State:
    """Say which modules were compiled: none without DSPy."""
    return {"modules": [], "count": 0, "dspy_available": False}


def _natively(action: Any, /, state: State, **asked: Any) -> State:
    answer: State = action(state, **asked)
    return {**answer, "dspy_module": "native_fallback"}


def _examples(examples: list[State]) -> list[Message]:
    """Return examples as turns of the conversation before the question."""
    turns = []
    for example in examples:
        question = example.get("problem") or example.get("question") or ""
        answer = {"thinking": example.get("thinking", ""), "answer": example.get("answer", "")}
        turns.append({"role": "user", "content": str(question)})
        turns.append({"role": "assistant", "content": json.dumps(answer)})
    return turns


def _offered(host: Host, tools: Any) -> dict[str, tuple[Any, str]]:
    """Return the tools by name: the action behind each, and what it says of itself."""
    given = tools if isinstance(tools, list) else list((tools or {}).items())
    offered = {}
    for tool in given:
        if isinstance(tool, tuple):
            name, about = tool
            about = about if isinstance(about, dict) else {"action": about}
        else:
            about = tool if isinstance(tool, dict) else {"name": tool}
            name = about.get("name") or about.get("action")
        behind = about.get("action") or name
        action = behind if callable(behind) else host.actions_registry.get(str(behind))
        offered[str(name)] = (action, str(about.get("description") or _doc(action)))
    return offered


def _doc(action: Any) -> str:
    inner = action.func if isinstance(action, partial) else action
    return (getattr(inner, "__doc__", None) or "").partition("\n")[0]


def _acted(text: str, number: int, offered: dict[str, Any], state: State) -> State:
    """Return one step: what the model wants, and what came of it."""
    step: State = {"step": number, "thought": None, "action": None, "action_input": None}
    step["timestamp"] = datetime.now(UTC).isoformat()
    try:
        found = read_json(text)
        step |= {"thought": found.get("thought"), "action": str(found["action"])}
        step["action_input"] = found.get("action_input")
        step["observation"] = _observation(step, offered, state)
    except Exception as error:
        step["observation"] = f"Error: {error}"
    return step


def _observation(step: State, offered: dict[str, Any], state: State) -> Any:
    name, given = step["action"], step["action_input"]
    if name == "final_answer":
        return None
    action = offered.get(name, (None, ""))[0]
    if action is None:
        return f"Error: Tool '{name}' not found. Available tools: {sorted(offered)}"
    params = given if isinstance(given, dict) else {} if given is None else {"input": given}
    try:
        return call(partial(action, **params), state)
    except Exception as error:
        return f"Error: {error}"


def _observed(text: str, step: State) -> list[Message]:
    """Return the turns that tell the model what it said and what it led to."""
    if step["action"] is None:
        told = _AGAIN
    else:
        seen = step["observation"]
        told = f"Observation: {seen if isinstance(seen, str) else json.dumps(seen, default=str)}"
    return [{"role": "assistant", "content": text}, {"role": "user", "content": told}]


def _reacted(steps: list[State], answer: Any, model: str) -> State:
    if isinstance(answer, dict) and set(answer) & {"answer", "final_answer"}:
        answer = answer.get("answer", answer.get("final_answer"))
    return {
        "steps": steps,
        "final_answer": answer,
        "reasoning_trace": steps,
        "react_steps": steps,
        "reasoning_answer": answer,
        "model": model,
        "total_steps": len(steps),
    }


def _parts(asked: Any, problem: str, depth: int, trace: list[State]) -> list[State]:
    found = read_json(asked(said(_DIVIDE, problem)))
    listed = found if isinstance(found, list) else found["sub_problems"]
    parts = [_part(one) for one in listed]
    problems = [part["problem"] for part in parts]
    trace.append(_step("decompose", depth=depth, problem=problem, sub_problems=problems))
    return parts


def _part(given: Any) -> State:
    if not isinstance(given, dict):
        return {"problem": str(given), "complex": False}
    text = given.get("problem") or given.get("description") or given.get("question") or ""
    return {"problem": str(text), "complex": bool(given.get("complex"))}


def _answers(
    asked: Any, parts: list[State], depth: int, deepest: int, trace: list[State]
) -> tuple[list[State], int]:
    answers, used = [], depth
    for part in parts:
        problem = part["problem"]
        if part["complex"] and depth < deepest:
            below, reached = _answers(
                asked, _parts(asked, problem, depth + 1, trace), depth + 1, deepest, trace
            )
            answer, used = _joined(asked, problem, below, _JOIN)["final_answer"], max(used, reached)
        else:
            answer = asked([{"role": "user", "content": problem}])
        trace.append(_step("solve", depth=depth, problem=problem, answer=answer))
        answers.append({"sub_problem": problem, "answer": answer})
    return answers, used


def _joined(asked: Any, problem: str, answers: list[State], how: str) -> State:
    listed = "\n".join(f"- {one['sub_problem']}\n  {one['answer']}" for one in answers)
    text = asked(said(how, f"The whole problem:\n{problem}\n\nThe parts:\n{listed}"))
    try:
        found = read_json(text)
        answer = found["final_answer"]
    except Exception:
        return {"final_answer": text, "synthesis_reasoning": ""}
    reasoning = found.get("synthesis_reasoning") or found.get("reasoning") or ""
    return {"final_answer": answer, "synthesis_reasoning": reasoning}


def _step(kind: str, **facts: Any) -> State:
    return {"type": kind, "timestamp": datetime.now(UTC).isoformat(), **facts}


def _failed(what: str, error: Exception, trace: list[State]) -> State:
    return {"error": f"{what}: {error}", "success": False, "reasoning_trace": trace}
