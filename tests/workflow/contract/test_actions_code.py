"""What running code answers: restricted, bounded, and away from everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.engines import actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = {"success", "stdout", "stderr", "return_value", "error", "execution_time_ms"}


@pytest.fixture(scope="module")
def registry() -> Iterator[dict[str, Any]]:
    """Give the actions of an engine that may run code."""
    with open_engine(enable_code_execution=True) as engine:
        yield actions_of(engine)


@pytest.mark.parametrize(
    ("code", "value", "stdout"),
    [
        ("result = 1 + 1", 2, ""),
        ("print('hi', 2)\nprint('x', end='')", None, "hi 2\nx"),
        (
            "result = (1, {2}, b'x', {1: [2.5]}, None, frozenset())",
            (1, {2}, b"x", {1: [2.5]}, None, frozenset()),
            "",
        ),
        (
            "def f(n):\n    return 1 if n < 2 else n * f(n - 1)\nresult = f(20)",
            2432902008176640000,
            "",
        ),
        ("class A:\n    def __init__(self):\n        self.x = 3\nresult = A().x", 3, ""),
        (
            "t = 0\nfor i in range(5):\n    t += i\nresult = [t, sorted([3, 1]), sum([1, 2])]",
            [10, [1, 3], 3],
            "",
        ),
        (
            "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    result = str(e)",
            "division by zero",
            "",
        ),
        (
            "a, (b, c) = 1, (2, 3)\nresult = {'k': [x for x in (a, b, c) if x > 1]}",
            {"k": [2, 3]},
            "",
        ),
    ],
)
def test_code_runs(registry: dict[str, Any], code: str, value: object, stdout: str) -> None:
    """The variable `result` is the return value; what is printed is kept."""
    found = registry["code.execute"](state={}, code=code)
    assert set(found) == KEYS
    assert isinstance(found.pop("execution_time_ms"), int | float)
    assert found == {
        "success": True,
        "stdout": stdout,
        "stderr": "",
        "return_value": value,
        "error": None,
    }


def test_long_integers_come_back(registry: dict[str, Any]) -> None:
    """Also those that Python does not write in decimal."""
    found = registry["code.execute"](state={}, code="result = -2 ** 20000")
    assert found["return_value"] == -(2**20000)


@pytest.mark.parametrize(
    ("code", "start"),
    [
        ("import os", "ImportError: "),
        ("from subprocess import run", "ImportError: "),
        ("__import__('os')", "CompilationError: "),
        ("().__class__", "CompilationError: "),
        ("_x = 1", "CompilationError: "),
        ("exec('1')", "CompilationError: "),
        ("eval('1')", "CompilationError: "),
        ("open('/etc/passwd')", "NameError: "),
        ("getattr(1, 'real')", "NameError: "),
        ("setattr(1, 'real', 2)", "NameError: "),
        ("globals()", "NameError: "),
        ("compile('1', 'x', 'eval')", "NameError: "),
        ("'{0.__class__}'.format(1)", "NotImplementedError: "),
        ("(lambda: 0).__globals__", "CompilationError: "),
        ("x = (i for i in [1])\nx.gi_frame", "CompilationError: "),
        ("def f(:", "SyntaxError: "),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("[0] * 10 ** 9", "MemoryError"),
    ],
)
def test_what_code_may_not(registry: dict[str, Any], code: str, start: str) -> None:
    """Imports, names with underscores, and everything that leads outside fail."""
    found = registry["code.execute"](state={}, code=code)
    assert (found["success"], found["return_value"]) == (False, None)
    assert found["error"].startswith(start)


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "try:\n    while True: pass\nexcept Exception:\n    pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass",
        "x = 10 ** 10 ** 9",
    ],
)
def test_time_is_bounded(registry: dict[str, Any], code: str) -> None:
    """Code that does not end is ended, whatever it catches."""
    found = registry["code.execute"](state={}, code=code, timeout=0.2)
    assert found["success"] is False
    assert found["error"] == "Execution timed out after 0.2 seconds"


def test_output_is_bounded(registry: dict[str, Any]) -> None:
    """Long output ends with a note."""
    found = registry["code.execute"](
        state={}, code="for i in range(1000): print('é' * 50)", max_output_bytes=101
    )
    assert found["stdout"] == "é" * 50 + "\n... [output truncated]"


def test_code_is_off_by_default() -> None:
    """It has to be switched on."""
    told = "Code execution is disabled. Enable with YAMLEngine(enable_code_execution=True)"
    with open_engine() as engine:
        call = actions_of(engine)
        assert call["code.execute"](state={}, code="1")["error"] == told
        assert call["code.sandbox"](state={}, action="create") == {"success": False, "error": told}


def test_a_sandbox_keeps_its_variables() -> None:
    """Create, use twice, list, destroy."""
    with open_engine(enable_code_execution=True) as engine:
        call = actions_of(engine)["code.sandbox"]
        made = call(state={}, action="create")
        name = made["sandbox_id"]
        assert (len(name), made["created"], made["success"]) == (8, True, True)
        call(state={}, action="execute", sandbox_id=name, code="x = 41")
        found = call(state={}, action="execute", sandbox_id=name, code="result = x + 1")
        assert (found["return_value"], set(found)) == (42, KEYS)
        slow = call(state={}, action="execute", sandbox_id=name, code="while 1: 1", timeout=0.1)
        assert slow["error"] == "Execution timed out after 0.1 seconds"
        after = call(state={}, action="execute", sandbox_id=name, code="result = x")
        assert after["return_value"] == 41
        assert call(state={}, action="list") == {
            "sandboxes": [name],
            "count": 1,
            "success": True,
        }
        gone = {"destroyed": True, "sandbox_id": name, "success": True}
        assert call(state={}, action="destroy", sandbox_id=name) == gone
        again = call(state={}, action="destroy", sandbox_id=name)
        assert (again["destroyed"], again["success"]) == (False, True)
        assert again["error"]


@pytest.mark.parametrize(
    "given",
    [
        {"action": "explode"},
        {"action": "execute", "code": "1"},
        {"action": "destroy"},
        {"action": "execute", "sandbox_id": "nowhere1", "code": "1"},
    ],
)
def test_bad_sandbox_calls(registry: dict[str, Any], given: dict[str, Any]) -> None:
    """What is wrong is told."""
    found = registry["code.sandbox"](state={}, **given)
    assert found["success"] is False
    assert found["error"]
