"""What the actions that reason, reflect and plan answer."""

from __future__ import annotations

import re
from typing import Any

import pytest

from codeanatomy.workflow.errors import ReflectionFailedError
from tests.workflow.contract.engines import actions_of
from tests.workflow.contract.thinking import thinking

GOOD = {"thinking": "because", "answer": "42"}
FAILED = "Could not parse JSON from response: "


# ------------------------------------------------------------------ a chain of thought
@pytest.mark.parametrize(
    "reply",
    [
        '{"thinking": "because", "answer": "42"}',
        '```json\n{"thinking": "because", "answer": "42"}\n```',
        '```\n{"thinking": "because", "answer": "42"}\n```',
        'Sure! {"thinking": "because", "answer": "42"} Done.',
    ],
)
def test_json_is_found_in_a_reply(reply: str) -> None:
    """The whole, a fenced block, or the outermost braces."""
    with thinking(reply) as (ask, told, _):
        answer = ask("reason.cot", problem="why?", model="m", thinking_format="pros_cons")
    assert {key: answer[key] for key in sorted(answer) if key != "reasoning_trace"} == {
        "answer": "42",
        "model": "m",
        "reasoning_answer": "42",
        "reasoning_thinking": "because",
        "thinking": "because",
        "thinking_format": "pros_cons",
    }
    assert (told.asked[0]["model"], told.asked[0]["temperature"]) == ("m", 0.7)
    assert told.texts() == ["why?"]


def test_examples_come_before_the_problem() -> None:
    """As turns of the conversation."""
    with thinking(GOOD) as (ask, told, _):
        ask("reason.cot", problem="new", few_shot_examples=[{"problem": "old", **GOOD}])
    said = [(message["role"], message["content"]) for message in told.asked[0]["messages"]]
    assert said[1:] == [
        ("user", "old"),
        ("assistant", '{"thinking": "because", "answer": "42"}'),
        ("user", "new"),
    ]


@pytest.mark.parametrize(
    ("name", "params", "prefix"),
    [
        ("reason.cot", {"problem": "x"}, "Chain-of-thought reasoning failed: "),
        ("reason.react", {"goal": "x"}, "ReAct reasoning failed: "),
        ("reason.self_correct", {"task": "x"}, "Self-correction failed: "),
        ("reason.decompose", {"problem": "x"}, "Problem decomposition failed: "),
    ],
)
def test_a_model_that_fails(name: str, params: dict[str, Any], prefix: str) -> None:
    """The answer keeps the trace."""
    with thinking(ValueError("no")) as (ask, _, _):
        answer = ask(name, **params)
    assert (answer["error"], answer["success"]) == (f"{prefix}no", False)
    assert answer["reasoning_trace"] == []


@pytest.mark.parametrize(
    ("name", "params"), [("reason.cot", {"problem": "x"}), ("reason.decompose", {"problem": "x"})]
)
def test_a_reply_without_json(name: str, params: dict[str, Any]) -> None:
    """Is quoted."""
    with thinking("plain text") as (ask, _, _):
        answer = ask(name, **params)
    assert answer["error"].endswith(f"{FAILED}plain text")


# ------------------------------------------------------------------ acting and observing
def act(thought: str, action: str, given: Any) -> dict[str, Any]:  # noqa: ANN401 - any input
    """Return what the model says to do something."""
    return {"thought": thought, "action": action, "action_input": given}


def double(state: dict[str, Any], n: int, **_: object) -> dict[str, Any]:
    """Double a number."""
    return {"doubled": 2 * n, "q": state["q"]}


@pytest.mark.parametrize(
    "tools",
    [
        ["my.double"],
        [{"name": "my.double", "description": "doubles"}],
        [{"name": "my.double", "action": "my.double"}],
        {"my.double": {"action": "my.double"}},
    ],
)
def test_a_model_acts_and_observes(tools: Any) -> None:  # noqa: ANN401 - in any of its forms
    """Until it has the final answer."""
    replies = [act("compute", "my.double", {"n": 4}), act("done", "final_answer", "8")]
    with thinking(*replies) as (ask, told, engine):
        actions_of(engine)["my.double"] = double
        answer = ask("reason.react", {"q": 1}, goal="2*4", tools=tools)
    first, last = answer["steps"]
    assert (first["step"], first["thought"], first["action"]) == (1, "compute", "my.double")
    assert first["action_input"] == {"n": 4}
    assert first["observation"] == {"doubled": 8, "q": 1}
    assert {"timestamp", "observation"} <= set(last)
    assert (answer["final_answer"], answer["reasoning_answer"], answer["total_steps"]) == (
        "8",
        "8",
        2,
    )
    assert answer["react_steps"] == answer["reasoning_trace"] == answer["steps"]
    assert told.texts()[1] == 'Observation: {"doubled": 8, "q": 1}'
    assert "my.double" in told.asked[0]["messages"][0]["content"]


@pytest.mark.parametrize(
    ("reply", "observed"),
    [
        (
            act("?", "no.tool", {}),
            "Error: Tool 'no.tool' not found. Available tools: ['my.double']",
        ),
        (act("?", "my.double", {"n": "x" * 3}), {"doubled": "xxxxxx", "q": 1}),
        (act("?", "my.double", {}), "Error: double() missing 1 required positional argument: 'n'"),
        ("no json", f"Error: {FAILED}no json"),
    ],
)
def test_a_step_that_goes_wrong_is_observed(reply: Any, observed: Any) -> None:  # noqa: ANN401 - as told
    """It counts, and the model may try again."""
    with thinking(reply, act("done", "final_answer", 1)) as (ask, told, engine):
        actions_of(engine)["my.double"] = double
        answer = ask("reason.react", {"q": 1}, goal="x", tools=["my.double"])
    assert answer["steps"][0]["observation"] == observed
    assert (answer["final_answer"], answer["total_steps"], len(told.asked)) == (1, 2, 2)


def test_steps_have_a_limit() -> None:
    """Then there is no answer, and a warning."""
    with thinking(act("again", "x", {})) as (ask, _, _):
        answer = ask("reason.react", goal="x", max_steps=3)
    assert (answer["final_answer"], answer["total_steps"]) == (None, 3)
    assert "3" in answer["warning"]


# ------------------------------------------------------------------ correcting, dividing
@pytest.mark.parametrize("rounds", [0, 1, 2])
def test_an_answer_is_criticised_and_improved(rounds: int) -> None:
    """One model writes, another criticises."""
    with thinking("a", "bad", "b", "better", "c") as (ask, told, _):
        answer = ask(
            "reason.self_correct",
            task="write",
            generator_model="g",
            critic_model="k",
            improvement_rounds=rounds,
        )
    outputs = ["a", "b", "c"][: rounds + 1]
    assert [asked["model"] for asked in told.asked] == ["g", *(["k", "g"] * rounds)]
    assert answer["output"] == answer["reasoning_answer"] == outputs[-1]
    history = [(e["round"], e["type"], e["output"]) for e in answer["improvement_history"]]
    kinds = ["initial", "improvement", "improvement"]
    assert history == [(n, kinds[n], text) for n, text in enumerate(outputs)]
    assert (answer["generator_model"], answer["critic_model"], answer["model"]) == (
        "g",
        "k",
        "gpt-4",
    )
    assert answer["rounds_completed"] == rounds


def test_a_problem_is_divided_and_joined() -> None:
    """Each part is answered, then all together."""
    joined = {"final_answer": "both", "synthesis_reasoning": "added"}
    with thinking({"sub_problems": ["a", "b"]}, "A", "B", joined) as (ask, told, _):
        answer = ask("reason.decompose", problem="whole")
    assert answer["sub_problems"] == ["a", "b"]
    assert answer["sub_answers"] == [
        {"sub_problem": "a", "answer": "A"},
        {"sub_problem": "b", "answer": "B"},
    ]
    assert (answer["final_answer"], answer["synthesis_reasoning"]) == ("both", "added")
    assert (answer["reasoning_answer"], answer["depth_used"], len(told.asked)) == ("both", 1, 4)


@pytest.mark.parametrize(("depth", "used", "calls"), [(1, 1, 3), (2, 2, 5)])
def test_a_complex_part_is_divided_again(depth: int, used: int, calls: int) -> None:
    """As deep as allowed."""

    def reply(asked: dict[str, Any]) -> Any:  # noqa: ANN401 - by what is asked
        how = asked["messages"][0]["content"]
        if how.startswith("Divide"):
            deep = asked["messages"][1]["content"] == "whole"
            return {"sub_problems": [{"problem": "part" if deep else "leaf", "complex": deep}]}
        return {"final_answer": "joined"} if how.startswith("Combine") else "leaf answer"

    with thinking(reply) as (ask, told, _):
        answer = ask("reason.decompose", problem="whole", max_depth=depth)
    assert (answer["depth_used"], len(told.asked)) == (used, calls)
    assert answer["final_answer"] == "joined"


@pytest.mark.parametrize("name", ["reason.dspy.cot", "reason.dspy.react"])
def test_dspy_falls_back(name: str) -> None:
    """And says so; only compiling needs it."""
    reply = {**GOOD, **act("done", "final_answer", 1)}
    with thinking(reply) as (ask, _, _):
        answer = ask(name, problem="x", goal="x")
        compiled = ask("reason.dspy.compile")
    assert answer["dspy_module"] == "native_fallback"
    assert (compiled["success"], compiled["compiled"]) == (False, False)


# ------------------------------------------------------------------ reflection
SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}


def looping(*outputs: Any, **params: Any) -> Any:  # noqa: ANN401 - outputs, parameters, an answer
    """Run a loop whose generator and corrector give these outputs one after another."""
    left = list(outputs)

    def produce(state: dict[str, Any], **_: object) -> Any:  # noqa: ANN401 - an output
        seen.append(state)
        return left.pop(0)

    seen: list[dict[str, Any]] = []
    given = {
        "generator": {"action": "my.make"},
        "evaluator": {"type": "schema", "schema": SCHEMA},
        **params,
    }
    with thinking("unused") as (ask, _, engine):
        actions_of(engine)["my.make"] = produce
        return ask("reflection.loop", {"q": 1}, **given), seen


def test_a_valid_output_ends_the_loop() -> None:
    """The keys of the output are those of the answer."""
    answer, seen = looping({"n": 1})
    assert answer == {
        "n": 1,
        "reflection_iteration": 1,
        "reflection_output": {"n": 1},
        "reflection_errors": [],
        "reflection_history": [
            {"iteration": 1, "output": {"n": 1}, "score": 1.0, "valid": True, "errors": []}
        ],
        "reflection_best": {"n": 1},
        "reflection_best_score": 1.0,
        "success": True,
        "valid": True,
    }
    assert seen == [{"q": 1}]


def test_keys_of_an_output_do_not_reach_the_state() -> None:
    """Whatever they are called."""
    bad = {"n": "x", "q": "changed", "state": 1, "self": 2, "template": 3}
    corrector = {"action": "my.make", "with": {"a": "{{ state.q }}"}}
    answer, seen = looping(bad, {"n": 2}, corrector=corrector)
    assert (answer["valid"], seen[1]["q"]) == (True, 1)
    assert seen[1]["output"] == bad


def test_the_corrector_sees_what_was_wrong() -> None:
    """In its state."""
    answer, seen = looping({"n": "x"}, {"n": 2}, corrector={"action": "my.make"})
    assert (answer["valid"], answer["reflection_iteration"], answer["n"]) == (True, 2, 2)
    assert seen[1]["reflection_output"] == {"n": "x"}
    assert seen[1]["reflection_errors"][0]["path"] == "n"
    assert (seen[1]["q"], seen[1]["reflection_iteration"]) == (1, 1)


@pytest.mark.parametrize(
    ("on_failure", "output"), [("return_best", {"n": "x"}), ("return_last", [])]
)
def test_what_an_exhausted_loop_returns(on_failure: str, output: Any) -> None:  # noqa: ANN401 - an output
    """The best so far, or the last."""
    bad = {"n": "x", "m": 1}
    params = {"max_iterations": 2, "on_failure": on_failure}
    schema = {"type": "object", "properties": {"n": {"type": "integer"}, "m": {"type": "integer"}}}
    worst = {"n": "x", "m": "y"}
    answer, _ = looping(bad, worst, evaluator={"type": "schema", "schema": schema}, **params)
    expected = worst if on_failure == "return_last" else bad
    assert (answer["success"], answer["valid"], answer["exhausted"]) == (False, False, True)
    assert answer["reflection_output"] == expected
    assert (answer["reflection_best"], answer["reflection_best_score"]) == (bad, 0.5)
    assert output is not None


def test_an_exhausted_loop_can_raise() -> None:
    """With its history."""
    with pytest.raises(ReflectionFailedError) as failed:
        looping({}, {}, max_iterations=2, on_failure="raise")
    assert str(failed.value) == "Reflection loop failed after 2 iterations"
    assert [entry["iteration"] for entry in failed.value.history] == [1, 2]


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"max_iterations": 0}, "reflection.loop: max_iterations"),
        ({"on_failure": "shrug"}, "reflection.loop: Invalid on_failure strategy"),
        ({"generator": {}}, "reflection.loop: Unknown generator"),
        ({"evaluator": {"type": "magic"}}, "reflection.loop: Unknown evaluator"),
    ],
)
def test_a_loop_that_cannot_be(params: dict[str, Any], text: str) -> None:
    """Is a ValueError."""
    with pytest.raises(ValueError, match=re.escape(text)):
        looping({"n": 1}, **params)


def test_code_of_a_file_sets_result() -> None:
    """As generator, evaluator and corrector."""
    answer, _ = looping(
        generator={"run": "result = {'n': state['q']}"},
        evaluator={"type": "custom", "run": "result = {'valid': output['n'] > 2, 'score': 0.1}"},
        corrector={"run": "result = {'n': output['n'] + 1}"},
    )
    assert (answer["n"], answer["reflection_iteration"], answer["success"]) == (3, 3, True)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({"valid": True, "score": 0.9}, (True, 0.9, [], True)),
        ({"valid": False, "score": 0.2, "errors": ["x"]}, (False, 0.2, ["x"], True)),
        ({"score": 1.0}, (True, 1.0, [], True)),
    ],
)
def test_a_model_judges(reply: Any, expected: Any) -> None:  # noqa: ANN401 - rows
    """By its JSON."""
    with thinking(reply) as (ask, told, _):
        answer = ask("reflection.evaluate", data="text", evaluator_type="llm", prompt="good?")
    found = tuple(answer[key] for key in ("valid", "score", "errors", "success"))
    assert found == expected
    assert (set(answer), told.asked[0]["temperature"]) == (
        {"valid", "score", "errors", "suggestions", "success"},
        0.0,
    )


@pytest.mark.parametrize(
    ("params", "valid", "success"),
    [
        ({"data": {"n": 1}, "schema": SCHEMA}, True, True),
        ({"data": {"n": "x"}, "schema": SCHEMA}, False, True),
        ({"data": {}, "schema": SCHEMA}, False, True),
        ({"data": {}}, False, False),
        ({"data": {}, "evaluator_type": "magic"}, False, False),
        ({"data": 3, "evaluator_type": "custom", "run": "result = output == 3"}, True, True),
        ({"data": 3, "evaluator_type": "custom", "run": "result = 1 / 0"}, False, False),
    ],
)
def test_evaluating_once(params: dict[str, Any], *, valid: bool, success: bool) -> None:
    """By schema or by code."""
    with thinking("unused") as (ask, _, _):
        answer = ask("reflection.evaluate", **params)
    assert (answer["valid"], answer["success"]) == (valid, success)


@pytest.mark.parametrize(
    ("params", "answer"),
    [
        ({"data": {"n": 1}, "run": "result = {'n': output['n'] + len(errors)}"}, {"n": 3}),
        ({"data": {"n": 1}}, {"n": 7}),
        ({"data": "text"}, '{"n": 7}'),
    ],
)
def test_correcting_once(params: dict[str, Any], answer: Any) -> None:  # noqa: ANN401 - an output
    """By code or by a model; a text stays a text."""
    with thinking('{"n": 7}') as (ask, _, _):
        found = ask("reflection.correct", errors=["a", "b"], **params)
    assert found == {"corrected_output": answer, "success": True}


def test_a_correction_that_fails_keeps_the_output() -> None:
    """And says why."""
    with thinking(ValueError("no")) as (ask, _, _):
        found = ask("reflection.correct", data={"n": 1}, errors=[])
    assert found == {"corrected_output": {"n": 1}, "success": False, "error": "no"}


# ------------------------------------------------------------------ plans
def subtask(name: str, *needs: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields
    """Return a subtask as a model writes it."""
    return {"id": name, "description": f"do {name}", "dependencies": list(needs), **more}


def plan(*subtasks: dict[str, Any]) -> dict[str, Any]:
    """Return a plan with these subtasks."""
    with thinking({"subtasks": list(subtasks)}) as (ask, _, _):
        found: dict[str, Any] = ask("plan.decompose", goal="goal")["plan"]
    return found


def test_a_goal_becomes_a_plan() -> None:
    """Its subtasks are pending, with what they depend on."""
    with thinking({"subtasks": [subtask("a"), subtask("b", "a")]}) as (ask, _, _):
        answer = ask("plan.decompose", goal="goal", model="m")
    found = answer["plan"]
    assert (answer["success"], answer["subtask_count"]) == (True, 2)
    assert re.fullmatch(r"plan_[0-9a-f]{8}", answer["plan_id"])
    assert (found["id"], found["goal"], found["strategy"]) == (answer["plan_id"], "goal", "flat")
    assert found["subtasks"][1] == {
        "id": "b",
        "description": "do b",
        "dependencies": ["a"],
        "status": "pending",
        "result": None,
        "error": None,
        "retry_count": 0,
        "started_at": None,
        "completed_at": None,
    }


@pytest.mark.parametrize(
    ("reply", "params", "text"),
    [
        ("x", {"strategy": "wild"}, "Unknown strategy: wild"),
        ("no json", {}, f"Failed to parse plan: {FAILED}no json"),
        ({"subtasks": []}, {}, "No subtasks returned from LLM"),
        ({"tasks": [1]}, {}, "No subtasks returned from LLM"),
        ({"subtasks": [subtask("a", "z")]}, {}, "Invalid plan structure: "),
        (
            {"subtasks": [subtask("a", "b"), subtask("b", "a")]},
            {},
            "Invalid plan structure: Cycle detected: a -> b -> a",
        ),
        (
            {"subtasks": [subtask("a", "a")]},
            {},
            "Invalid plan structure: Cycle detected: a -> a",
        ),
        ({"subtasks": [subtask("a"), subtask("a")]}, {}, "Invalid plan structure: "),
        (ValueError("no"), {}, "LLM call failed: no"),
    ],
)
def test_a_plan_that_cannot_be(reply: Any, params: dict[str, Any], text: str) -> None:  # noqa: ANN401 - a reply
    """Is refused with the reason."""
    with thinking(reply) as (ask, _, _):
        answer = ask("plan.decompose", goal="goal", **params)
    assert answer["success"] is False
    assert answer["error"].startswith(text)


def test_a_prompt_of_ones_own() -> None:
    """Is a template of the goal and the state."""
    with thinking({"subtasks": ["one"]}) as (ask, told, _):
        prompt = "{{ goal }} in {{ max_subtasks }} for {{ state.who }}"
        found = ask("plan.decompose", {"who": "ann"}, goal="tea", prompt_template=prompt)
    assert told.texts() == ["tea in 15 for ann"]
    assert found["plan"]["subtasks"][0]["description"] == "one"


def test_subtasks_are_as_many_as_allowed() -> None:
    """The rest is cut."""
    listed = {"subtasks": [subtask(name) for name in "abcde"]}
    with thinking(listed) as (ask, _, _):
        assert ask("plan.decompose", goal="g", max_subtasks=3)["subtask_count"] == 3


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"on_subtask_failure": "shrug"}, "Unknown on_subtask_failure: shrug"),
        ({"subtask_executor": {"action": "no.such"}}, None),
    ],
)
def test_how_a_plan_cannot_be_done(params: dict[str, Any], text: str | None) -> None:
    """An unknown way is refused; an unknown action fails the subtask."""
    with thinking("done") as (ask, _, _):
        answer = ask("plan.execute", plan=plan(subtask("a")), **params)
    assert answer["success"] is False
    if text is None:
        failed = answer["plan"]["subtasks"][0]["error"]
        assert failed == "Action 'no.such' not found in registry"
    else:
        assert answer["error"].startswith(text)


def test_parameters_of_a_corrector_are_templates() -> None:
    """They see the output and its errors."""
    outputs = [{"n": "x"}]
    made: list[object] = []

    def mend(what: object, wrong: object, **_: object) -> dict[str, Any]:
        made.extend([what, wrong])
        return {"n": 1}

    given = {"what": "{{ reflection_output }}", "wrong": "{{ state.reflection_errors[0].path }}"}
    with thinking("unused") as (ask, _, engine):
        actions_of(engine).update({"my.make": lambda **_: outputs.pop(), "my.mend": mend})
        params = {"generator": {"action": "my.make"}, "evaluator": {"schema": SCHEMA}}
        corrector = {"action": "my.mend", "with": given}
        answer = ask("reflection.loop", corrector=corrector, **params)
    assert (answer["success"], made) == (True, [{"n": "x"}, "n"])


def test_a_corrector_may_be_a_model() -> None:
    """With a prompt of its own."""
    outputs = [{"n": "x"}]
    with thinking('{"n": 5}') as (ask, told, engine):
        actions_of(engine)["my.make"] = lambda **_: outputs.pop()
        params = {"generator": {"action": "my.make"}, "corrector": {"prompt": "Mend!"}}
        answer = ask("reflection.loop", evaluator={"schema": SCHEMA}, **params)
    assert (answer["n"], answer["success"]) == (5, True)
    assert told.asked[0]["messages"][0]["content"] == "Mend!"


def test_an_action_that_is_not_there() -> None:
    """Is a ValueError of the loop, with its name."""
    told = re.escape("reflection.loop: Unknown generator action: no.such")
    with pytest.raises(ValueError, match=told):
        looping(generator={"action": "no.such"})


def test_nested_subtasks_come_before_theirs() -> None:
    """A larger one waits for its parts; too many are cut."""
    inner = subtask("whole", subtasks=[subtask("part"), subtask("other")])
    with thinking({"subtasks": [inner]}) as (ask, _, _):
        found = ask("plan.decompose", goal="g", strategy="hierarchical")["plan"]["subtasks"]
    assert [(one["id"], one["dependencies"]) for one in found] == [
        ("part", []),
        ("other", []),
        ("whole", ["part", "other"]),
    ]


DIAMOND = [subtask("a"), subtask("b", "a"), subtask("c", "a"), subtask("d", "b", "c")]


@pytest.mark.parametrize("parallel", [False, True])
def test_a_plan_is_done_in_order(*, parallel: bool) -> None:
    """Each subtask after those it depends on, whose results it is told."""
    with thinking(lambda asked: f"did {asked['prompt'].split('do ')[1][0]}") as (ask, told, _):
        answer = ask("plan.execute", plan=plan(*DIAMOND), parallel=parallel)
    assert (answer["success"], answer["replan_count"]) == (True, 0)
    assert answer["subtask_results"] == {name: f"did {name}" for name in "abcd"}
    counted = {
        "completed": 4,
        "failed": 0,
        "in_progress": 0,
        "pending": 0,
        "skipped": 0,
        "total": 4,
    }
    assert answer["plan_status"] == counted
    assert "- b: did b" in told.asked[-1]["prompt"]
    assert "- c: did c" in told.asked[-1]["prompt"]


def test_the_plan_of_the_state_is_done_by_ones_own_action() -> None:
    """Its parameters are templates; the given plan stays as it is."""
    given = plan(subtask("a"), subtask("b", "a"))
    called = []

    def work(state: dict[str, Any], what: str, before: Any, **_: object) -> str:  # noqa: ANN401 - a mapping
        called.append((what, dict(before), state["q"]))
        return what.upper()

    executor = {
        "action": "my.work",
        "with": {"what": "{{ subtask.description }}", "before": "{{ dependencies }}"},
    }
    with thinking("unused") as (ask, _, engine):
        actions_of(engine)["my.work"] = work
        answer = ask("plan.execute", {"plan": given, "q": 1}, subtask_executor=executor)
    assert answer["subtask_results"] == {"a": "DO A", "b": "DO B"}
    assert called == [("do a", {}, 1), ("do b", {"a": "DO A"}, 1)]
    assert {one["status"] for one in given["subtasks"]} == {"pending"}


@pytest.mark.parametrize(
    ("on_failure", "statuses", "results"),
    [
        ("abort", ["completed", "failed", "pending", "pending"], ["a"]),
        ("skip", ["completed", "failed", "completed", "skipped"], ["a", "c"]),
    ],
)
def test_a_failed_subtask(on_failure: str, statuses: list[str], results: list[str]) -> None:
    """Ends the plan, or what depends on it."""

    def reply(asked: dict[str, Any]) -> Any:  # noqa: ANN401 - a text or an exception
        return ValueError("no") if "do b" in asked["prompt"] else "done"

    with thinking(reply) as (ask, _, _):
        answer = ask("plan.execute", plan=plan(*DIAMOND), on_subtask_failure=on_failure)
    assert [one["status"] for one in answer["plan"]["subtasks"]] == statuses
    assert (answer["success"], list(answer["subtask_results"])) == (False, results)
    assert answer["plan"]["subtasks"][1]["error"] == "no"


@pytest.mark.parametrize(("failures", "status"), [(2, "completed"), (3, "failed")])
def test_a_subtask_is_tried_again(
    failures: int, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So often, with a pause."""
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    replies = [*[ValueError("no")] * failures, "yes"]
    with thinking(*replies) as (ask, _, _):
        params = {"on_subtask_failure": "retry", "max_retries": 2, "retry_delay": 0.5}
        answer = ask("plan.execute", plan=plan(subtask("a")), **params)
    one = answer["plan"]["subtasks"][0]
    assert (one["status"], one["retry_count"], waits) == (status, 2, [0.5, 0.5])


def test_a_plan_is_made_anew() -> None:
    """What is completed stays."""

    def reply(asked: dict[str, Any]) -> Any:  # noqa: ANN401 - by what is asked
        if "prompt" not in asked:
            return {"subtasks": [subtask("other", "a")]}
        return ValueError("no") if "do b" in asked["prompt"] else "done"

    with thinking(reply) as (ask, _, _):
        params = {"on_subtask_failure": "replan", "plan": plan(subtask("a"), subtask("b", "a"))}
        answer = ask("plan.execute", **params)
    assert (answer["success"], answer["replan_count"]) == (True, 1)
    assert list(answer["subtask_results"]) == ["a", "other"]
    assert answer["plan"]["id"].startswith("replan_")


def test_replanning_has_a_limit() -> None:
    """Then the plan has failed."""

    def reply(asked: dict[str, Any]) -> Any:  # noqa: ANN401 - by what is asked
        return ValueError("no") if "prompt" in asked else {"subtasks": [subtask("again")]}

    with thinking(reply) as (ask, _, _):
        params = {"on_subtask_failure": "replan", "max_replans": 2}
        answer = ask("plan.execute", plan=plan(subtask("a")), **params)
    assert (answer["success"], answer["replan_count"]) == (False, 2)


def test_replanning_by_itself() -> None:
    """Counts what it kept and what is new."""
    given = plan(subtask("a"), subtask("b"))
    given["subtasks"][0]["status"] = "completed"
    with thinking({"subtasks": [subtask("c", "a")]}) as (ask, _, _):
        answer = ask("plan.replan", {"plan": given})
    assert re.fullmatch(r"replan_[0-9a-f]{8}", answer["plan"]["id"])
    assert [one["id"] for one in answer["plan"]["subtasks"]] == ["a", "c"]
    kept = {key: answer[key] for key in ("success", "preserved_subtasks", "new_subtasks")}
    assert kept == {"success": True, "preserved_subtasks": 1, "new_subtasks": 1}


def test_how_far_a_plan_is() -> None:
    """Counts, progress, and on demand the subtasks."""
    given = plan(subtask("a"), subtask("b"))
    given["subtasks"][0]["status"] = "completed"
    with thinking("unused") as (ask, _, _):
        plain = ask("plan.status", plan=given)
        details = ask("plan.status", plan=given, include_details=True, include_completed=False)
    assert (plain["progress"], plain["plan_id"], plain["goal"]) == (0.5, given["id"], "goal")
    assert (plain["success"], plain["status"]["completed"]) == (True, 1)
    assert "subtasks" not in plain
    assert [one["id"] for one in details["subtasks"]] == ["b"]


@pytest.mark.parametrize("name", ["plan.execute", "plan.replan", "plan.status"])
def test_a_plan_is_needed(name: str) -> None:
    """As parameter or in the state."""
    with thinking("unused") as (ask, _, _):
        assert ask(name) == {"success": False, "error": "No plan found"}


def test_subtasks_are_asked_of_the_model_of_the_file() -> None:
    """As its settings say."""
    settings = {"llm": {"model": "ours", "provider": "ollama", "temperature": 0.2}}
    with thinking("done", settings=settings) as (ask, told, _):
        ask("plan.execute", plan=plan(subtask("a")))
    assert (told.asked[0]["model"], told.asked[0]["provider"]) == ("ours", "ollama")


def test_what_a_model_wrote_is_no_template() -> None:
    """A goal or description with braces is sent as it is."""
    hostile = {**subtask("a"), "description": "do {{ 7 * 7 }} ${x}"}
    with thinking("done") as (ask, told, _):
        ask("plan.execute", plan=plan(hostile))
    assert "do {{ 7 * 7 }} ${x}" in told.asked[0]["prompt"]
