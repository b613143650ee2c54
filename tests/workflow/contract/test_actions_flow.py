"""What the actions on failures, retries, rates, caches and schemas answer."""

from __future__ import annotations

import asyncio
import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest
from the_edge_agent import END, START, SQLiteBackend, StateGraph

from tests.workflow.contract.engines import Engine, actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ERROR = {"type": "TimeoutError", "message": "late", "node": "n", "is_retryable": True}


@pytest.fixture
def engine() -> Iterator[Engine]:
    """Give an engine with a long-term memory and some actions of our own."""
    memory = SQLiteBackend(":memory:")
    with open_engine(ltm_backend=memory, name="agent") as one:
        counted: list[Any] = []

        def double(x: int = 1, **_: object) -> dict[str, Any]:
            counted.append(x)
            return {"success": True, "value": x * 2}

        async def later(**_: object) -> str:
            await asyncio.sleep(0)
            return "late"

        def fails(**_: object) -> None:
            counted.append("fail")
            raise RuntimeError("broken")

        def refuses(**_: object) -> dict[str, Any]:
            counted.append("refuse")
            return {"success": False, "error": "no"}

        one.actions_registry.update(
            {"my.double": double, "my.later": later, "my.fails": fails, "my.refuses": refuses}
        )
        one.counted = counted
        yield one
    memory.close()


def run(action: Any, **given: Any) -> Any:  # noqa: ANN401 - any action
    """Await a coroutine function."""
    return asyncio.run(action(**given))


@pytest.mark.parametrize("verb", "is_retryable clear get has type retry respond".split())
def test_error_actions_are_coroutine_functions(engine: Engine, verb: str) -> None:
    """The engine awaits them."""
    assert inspect.iscoroutinefunction(actions_of(engine)[f"error.{verb}"])


@pytest.mark.parametrize(
    ("verb", "state", "expected"),
    [
        ("is_retryable", {"__error__": ERROR}, True),
        ("is_retryable", {}, False),
        ("is_retryable", {"__error__": {"type": "ValueError"}}, False),
        ("clear", {"__error__": ERROR}, {"__error__": None}),
        ("get", {"__error__": ERROR}, ERROR),
        ("get", {}, None),
        ("has", {"__error__": ERROR}, True),
        ("has", {"__error__": None}, False),
        ("type", {"__error__": ERROR}, "TimeoutError"),
        ("type", {}, None),
    ],
)
def test_looking_at_an_error(
    engine: Engine, verb: str, state: dict[str, Any], expected: object
) -> None:
    """They read `__error__` of the state."""
    assert run(actions_of(engine)[f"error.{verb}"], state=state) == expected


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("ValidationError", 422),
        ("AuthenticationError", 401),
        ("FileNotFoundError", 404),
        ("RateLimitError", 429),
        ("TimeoutError", 504),
        ("ServiceUnavailableError", 503),
        ("ValueError", 500),
        (None, 200),
    ],
)
def test_an_error_as_a_response(engine: Engine, kind: str | None, status: int) -> None:
    """The status follows the type of the error."""
    state = {"__error__": {"type": kind, "message": "m"}} if kind else {}
    found = run(actions_of(engine)["error.respond"], state=state)["__http_response__"]
    assert set(found) == {"status", "body", "headers"}
    assert found["status"] == status
    assert found["body"] == ({"error": kind, "message": "m"} if kind else {})


def test_a_response_of_our_own(engine: Engine) -> None:
    """Status and body may be given."""
    found = run(
        actions_of(engine)["error.respond"],
        state={"__error__": ERROR},
        status=418,
        template={"why": "{{ 1 + 1 }}"},
    )
    body = {"why": "{{ 1 + 1 }}"}  # the engine has rendered it; nothing is rendered twice
    assert found["__http_response__"] == {"status": 418, "body": body, "headers": {}}


def _graph(run_: Any) -> StateGraph:  # noqa: ANN401 - any node function
    graph = StateGraph({})
    graph.add_node("n", run_)
    graph.add_node("empty")
    graph.add_edge(START, "n")
    graph.add_edge("n", END)
    return graph.compile()


def test_a_failed_node_is_run_again(engine: Engine) -> None:
    """Until it works, without the error in its state."""
    tries: list[Any] = []

    def node(state: dict[str, Any]) -> dict[str, Any]:
        tries.append(dict(state))
        if len(tries) < 3:
            raise RuntimeError("again")
        return {"ok": 1}

    engine.current_graph = _graph(node)
    state = {"a": 1, "__error__": ERROR}
    found = run(actions_of(engine)["error.retry"], state=state, max_attempts=3)
    assert found == {
        "__retry_success__": True,
        "__retry_result__": {"ok": 1},
        "__error__": None,
    }
    assert tries == [{"a": 1}] * 3


@pytest.mark.parametrize(
    ("state", "start"),
    [
        ({}, "There is no error"),
        ({"__error__": {**ERROR, "node": "zz"}}, "Node 'zz' not found"),
        ({"__error__": {**ERROR, "node": "empty"}}, "Node 'empty' has no run"),
        ({"__error__": ERROR}, "always"),
    ],
)
def test_a_retry_that_fails(engine: Engine, state: dict[str, Any], start: str) -> None:
    """Only the reason comes back."""

    def node(**_: object) -> None:
        raise RuntimeError("always")

    engine.current_graph = _graph(node)
    found = run(actions_of(engine)["error.retry"], state=state)
    assert list(found) == ["__retry_error__"]
    assert found["__retry_error__"].startswith(start)


def _validator(engine: Engine) -> None:
    def valid(state: dict[str, Any], least: int = 3, **_: object) -> dict[str, Any]:
        fits = state["x"] >= least
        return {"valid": fits, "errors": [] if fits else [{"type": "small"}]}

    engine.actions_registry["my.valid"] = valid


@pytest.mark.parametrize(
    ("start", "limit", "x", "count", "valid"),
    [(3, 2, 3, 0, True), (1, 2, 3, 2, True), (0, 2, 2, 2, False), (0, 0, 0, 0, False)],
)
def test_a_retry_loop(
    engine: Engine, start: int, limit: int, x: int, count: int, valid: object
) -> None:
    """Check, correct, check again, at most so many times."""
    _validator(engine)
    engine.current_graph = _graph(lambda state: {"x": state["x"] + 1})
    given = {"x": start, "y": 0}
    found = actions_of(engine)["retry.loop"](
        state=given, validate="my.valid", correct="n", max_retries=limit
    )
    assert (found["x"], found["y"], found["valid"]) == (x, 0, valid)
    assert (found["_retry_count"], found["_retry_exhausted"]) == (count, not valid)
    assert found["_retry_errors"] == ([] if valid else [{"type": "small"}])
    assert found["_retry_result"]["valid"] is valid
    assert given == {"x": start, "y": 0}


def test_a_correction_that_fails(engine: Engine) -> None:
    """It is an error of its own, and nothing is exhausted."""
    _validator(engine)

    def node(**_: object) -> None:
        raise RuntimeError("oops")

    engine.current_graph = _graph(node)
    found = actions_of(engine)["retry.loop"](state={"x": 0}, validate="my.valid", correct="n")
    assert (found["valid"], found["_retry_exhausted"]) == (False, False)
    assert [error["type"] for error in found["_retry_errors"]] == ["small", "correction_error"]


def test_arguments_of_the_check(engine: Engine) -> None:
    """They go to the validator."""
    _validator(engine)
    engine.current_graph = _graph(lambda **_: {"x": 99})
    found = actions_of(engine)["retry.loop"](
        state={"x": 1}, validate="my.valid", validate_args={"least": 1}, correct="n"
    )
    assert (found["valid"], found["_retry_count"]) == (True, 0)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"max_retries": -1}, "retry.loop: max_retries must be"),
        ({"max_retries": "2"}, "retry.loop: max_retries must be"),
        ({"validate": "no.such"}, "retry.loop: Unknown validation action: no.such"),
        ({"correct": ""}, "retry.loop: 'correct' parameter is required"),
        ({"correct": "zz"}, "retry.loop: Correction node not found"),
        ({"correct": "empty"}, "retry.loop: .*no run function"),
    ],
)
def test_a_retry_loop_that_cannot_be(engine: Engine, given: dict[str, Any], text: str) -> None:
    """Mistakes are ValueErrors."""
    _validator(engine)
    engine.current_graph = _graph(lambda state: state)
    call = {"validate": "my.valid", "correct": "n", **given}
    with pytest.raises(ValueError, match=text):
        actions_of(engine)["retry.loop"](state={"x": 1}, **call)


def test_a_retry_loop_needs_a_graph(engine: Engine) -> None:
    """Correction nodes live in one."""
    _validator(engine)
    with pytest.raises(ValueError, match=re.escape("retry.loop: no current graph")):
        actions_of(engine)["retry.loop"](state={"x": 1}, validate="my.valid", correct="n")


def limited(engine: Engine, **given: object) -> dict[str, Any]:
    """Call through a limiter."""
    found: dict[str, Any] = actions_of(engine)["ratelimit.wrap"](state={}, **given)
    return found


def test_a_limiter_waits(engine: Engine) -> None:
    """The first call goes at once, the next after the interval; args reach the action."""
    first = limited(engine, action="my.double", args={"x": 4}, limiter="l", rps=50)
    assert first == {
        "success": True,
        "result": {"success": True, "value": 8},
        "_ratelimit_waited_ms": 0.0,
        "_ratelimit_limiter": "l",
    }
    second = limited(engine, action="my.double", args={}, limiter="l", rps=50)
    assert 0 < second["_ratelimit_waited_ms"] <= 20


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"action": "no.such", "args": {}}, "action_not_found"),
        ({"action": "my.fails", "args": {}}, "action_error"),
    ],
)
def test_limited_failures(engine: Engine, given: dict[str, Any], kind: str) -> None:
    """With the two keys of the limiter."""
    found = limited(engine, limiter="l", **given)
    assert (found["success"], found["error_type"]) == (False, kind)
    assert (found["_ratelimit_limiter"], found["_ratelimit_waited_ms"]) == ("l", 0.0)


def test_a_wait_too_long_is_not_begun(engine: Engine) -> None:
    """The default interval is a second; nobody waits, and no turn is taken."""
    limited(engine, action="my.double", args={}, limiter="slow")
    for _ in range(2):
        found = limited(engine, action="my.double", args={}, limiter="slow", timeout=0.01)
        assert (found["success"], found["error_type"]) == (False, "ratelimit_timeout")
        assert found["_ratelimit_waited_ms"] == 0.0
    assert engine.counted == [1]


def test_the_first_to_name_a_limiter_sets_it(
    engine: Engine,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Another interval is told in a warning; a preset comes before everyone."""
    engine.settings["rate_limiters"] = {"preset": {"rpm": 6000}}
    limited(engine, action="my.double", args={}, limiter="mine", rpm=6000)
    limited(engine, action="my.double", args={}, limiter="mine", rps=2, rpm=1)
    limited(engine, action="my.double", args={}, limiter="preset", rps=2)
    kept = [record.getMessage() for record in caplog.records]
    assert len(kept) == 2
    assert all("keeps its interval of 0.01 s; 0.5 s was asked for" in text for text in kept)


def test_a_limited_refusal_is_a_refusal(engine: Engine) -> None:
    """`success` is that of the action; a coroutine is awaited."""
    refused = limited(engine, action="my.refuses", args={}, limiter="a", rps=1000)
    assert (refused["success"], refused["result"]["error"]) == (False, "no")
    assert limited(engine, action="my.later", args={}, limiter="b")["result"] == "late"


def cached(engine: Engine, action: str = "my.double", **given: object) -> dict[str, Any]:
    """Call through the cache."""
    given.setdefault("args", {"x": 3})
    found: dict[str, Any] = actions_of(engine)["cache.wrap"](state={}, action=action, **given)
    return found


def test_an_answer_is_remembered(engine: Engine) -> None:
    """The second call is a hit, under a key of agent, action and arguments."""
    first, second = cached(engine), cached(engine)
    assert (first["success"], first["_cache_hit"], "_cache_created_at" in first) == (
        True,
        False,
        False,
    )
    assert re.fullmatch(r"cache:agent:my\.double:[0-9a-f]{64}", first["_cache_key"])
    assert second.pop("_cache_created_at")
    assert second == {**first, "_cache_hit": True}
    assert second["result"] == {"success": True, "value": 6}
    assert engine.counted == [3]


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"key": "k"}, "cache:agent:k"),
        ({"key": "k", "key_prefix": False}, "cache:k"),
        ({"key": "cache:k", "key_prefix": False}, "cache:cache:k"),
    ],
)
def test_keys_of_our_own(engine: Engine, given: dict[str, Any], key: str) -> None:
    """With the agent in front, unless that is not wanted."""
    wanted = key.replace("cache:cache:", "cache:")
    assert cached(engine, **given)["_cache_key"] == wanted


@pytest.mark.parametrize(
    ("settings", "name", "agent"),
    [({"name": "set"}, "n", "set"), ({}, "n", "n"), ({}, "", "unknown_agent")],
)
def test_the_agent_in_the_key(
    engine: Engine, settings: dict[str, Any], name: str, agent: str
) -> None:
    """Its settings name it, or its file, or nobody."""
    engine.settings, engine.name = settings, name
    assert cached(engine, key="k")["_cache_key"] == f"cache:{agent}:k"


def test_the_content_of_a_file_is_a_key(engine: Engine, tmp_path: Path) -> None:
    """The same content under another name is a hit."""
    for name in ("a", "b"):
        (tmp_path / name).write_text("same")
    keys = [
        cached(
            engine, "file.read", args={"path": str(tmp_path / name)}, key_strategy="file_content"
        )["_cache_key"]
        for name in ("a", "b")
    ]
    assert keys[0] == keys[1]


def test_one_argument_is_a_key(engine: Engine) -> None:
    """`key_source` picks it."""
    one = cached(engine, args={"x": 1, "y": 1}, key_strategy="sha256", key_source="x")
    two = cached(engine, args={"x": 1, "y": 2}, key_strategy="sha256", key_source="x")
    assert (one["_cache_key"], two["_cache_hit"]) == (two["_cache_key"], True)


@pytest.mark.parametrize(
    ("given", "calls"),
    [
        ({"skip_cache": True}, 2),
        ({"cache_enabled": False}, 2),
        ({"ttl_seconds": 0}, 2),
        ({"ttl_seconds": 60, "ttl_hours": 0, "ttl_days": 0}, 1),
        ({"ttl_hours": 1, "ttl_days": 0}, 1),
        ({"ttl_days": 0}, 2),
    ],
)
def test_how_long_and_whether(engine: Engine, given: dict[str, Any], calls: int) -> None:
    """Seconds before hours before days; skipping writes but does not read."""
    for _ in range(2):
        cached(engine, cleanup_probability=0, **given)
    assert len(engine.counted) == calls


@pytest.mark.parametrize(
    ("action", "kind"), [("no.such", "action_not_found"), ("my.fails", "action_error")]
)
def test_cached_failures(engine: Engine, action: str, kind: str) -> None:
    """They are results."""
    found = cached(engine, action)
    assert (found["success"], found["error_type"]) == (False, kind)


def test_failures_are_not_remembered(engine: Engine) -> None:
    """A refusal is asked for again."""
    for _ in range(2):
        assert cached(engine, "my.refuses")["success"] is False
    assert engine.counted == ["refuse", "refuse"]


def test_without_a_memory_the_action_is_called(engine: Engine) -> None:
    """The cache is a help, not a condition."""
    engine.ltm_backend = None
    assert cached(engine)["result"]["value"] == 6


def test_what_is_dead_is_swept(engine: Engine) -> None:
    """A few dead entries go with a new one."""
    for n in range(3):
        cached(engine, key=f"dead{n}", ttl_seconds=0, cleanup_probability=0)
    cached(engine, key="live", cleanup_probability=1.1, cleanup_limit=2)
    keys = [entry.key for entry in engine.ltm_backend.iterate_all()]
    assert sorted(keys) == ["cache:agent:dead2", "cache:agent:live"]


def test_a_remembered_answer_is_read(engine: Engine) -> None:
    """By its key, with or without the prefix; metadata when asked for."""
    cached(engine, key="k")
    get = actions_of(engine)["cache.get"]
    found = get(state={}, key="agent:k", include_metadata=True)
    metadata = found.pop("metadata")
    assert found == {
        "success": True,
        "found": True,
        "value": {"success": True, "value": 6},
        "expired": False,
    }
    assert set(metadata) == {
        "_cache_type",
        "_cache_action",
        "_cache_key",
        "_cache_created_at",
        "_cache_expires_at",
    }
    assert (metadata["_cache_type"], metadata["_cache_action"]) == ("action_result", "my.double")
    missing = {"success": True, "found": False, "value": None, "expired": False}
    assert get(state={}, key="cache:agent:zz") == missing
    cached(engine, key="old", ttl_seconds=0, cleanup_probability=0)
    assert get(state={}, key="agent:old") == {**missing, "expired": True}


@pytest.mark.parametrize(
    ("given", "gone"),
    [
        ({"key": "agent:a1"}, ["cache:agent:a1"]),
        ({"key": "nothing"}, []),
        ({"pattern": "agent:a*"}, ["cache:agent:a1", "cache:agent:a2"]),
        ({"metadata_filter": {"_cache_action": "my.later"}}, ["cache:agent:b"]),
    ],
)
def test_answers_are_forgotten(engine: Engine, given: dict[str, Any], gone: list[str]) -> None:
    """By key, by pattern, by metadata."""
    for key, action in (("a1", "my.double"), ("a2", "my.double"), ("b", "my.later")):
        cached(engine, action, key=key)
    found = actions_of(engine)["cache.invalidate"](state={}, **given)
    assert sorted(found.pop("deleted_keys")) == gone
    assert found == {"success": True, "deleted_count": len(gone)}


@pytest.mark.parametrize(
    ("name", "given", "memory", "kind"),
    [
        ("cache.get", {"key": ""}, True, "validation_error"),
        ("cache.get", {"key": "k"}, False, "configuration_error"),
        ("cache.invalidate", {}, True, "validation_error"),
        ("cache.invalidate", {"key": "k"}, False, "configuration_error"),
    ],
)
def test_cache_mistakes(
    engine: Engine,
    name: str,
    given: dict[str, Any],
    memory: object,
    kind: str,
) -> None:
    """A key, and a memory, are needed."""
    if not memory:
        engine.ltm_backend = None
    found = actions_of(engine)[name](state={}, **given)
    assert (found["success"], found["error_type"]) == (False, kind)


def test_schemas_are_merged(engine: Engine, tmp_path: Path) -> None:
    """Inline, JSON and YAML, the last one winning."""
    (tmp_path / "a.json").write_text('{"type": "object", "properties": {"a": {"type": "string"}}}')
    (tmp_path / "b.yaml").write_text("properties:\n  a: {type: integer}\n")
    merge = actions_of(engine)["schema.merge"]
    schemas = [
        {"path": str(tmp_path / "a.json")},
        {"path": str(tmp_path / "b.yaml")},
        {"inline": {"required": ["a"]}},
    ]
    merged = {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "required": ["a"],
    }
    assert merge(state={}, schemas=schemas) == {"success": True, "merged_schema": merged}
    assert merge(state={}, schemas=schemas, validate=True, output_key="k") == {
        "success": True,
        "k": merged,
        "validation": {"valid": True, "errors": [], "schema": merged},
    }


def test_a_merged_schema_that_is_none(engine: Engine) -> None:
    """Validation says so."""
    found = actions_of(engine)["schema.merge"](
        state={}, schemas=[{"inline": {"type": "odd"}}], validate=True
    )
    assert (found["success"], found["validation"]["valid"]) == (True, False)
    assert len(found["validation"]["errors"]) == 1


@pytest.mark.parametrize("bad", [{"path": "/no/such.json"}, {"odd": 1}, "text", {"inline": [1]}])
def test_schemas_that_cannot_be_read(engine: Engine, bad: object) -> None:
    """One bad schema fails the merge, and is told."""
    found = actions_of(engine)["schema.merge"](state={}, schemas=[{"inline": {}}, bad])
    assert (found["success"], found["error"]) == (False, "Failed to load schemas")
    assert len(found["errors"]) == 1


def test_no_schemas(engine: Engine) -> None:
    """There must be one."""
    assert actions_of(engine)["schema.merge"](state={}, schemas=[]) == {
        "success": False,
        "error": "No schemas provided",
    }
