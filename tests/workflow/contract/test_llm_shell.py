"""Programs that stand for language models."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.engines import Engine, actions_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Ask = Any  # an action by name, already holding the state
HI = [{"role": "user", "content": "hi"}]


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """Return a function that writes a program and gives its path."""

    def write(body: str) -> str:
        path = tmp_path / "program"
        path.write_text(f"#!{sys.executable}\nimport os, sys, time\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return write


def shell(engine: Engine, **settings: object) -> Callable[..., Any]:
    """Return a function that asks the program with these settings."""
    engine.shell_providers = {"mine": settings}

    def do(name: str = "llm.call", **params: Any) -> Any:  # noqa: ANN401 - what the action answers
        given = {"messages": HI, **params}
        return actions_of(engine)[name](state={}, provider="shell", shell_provider="mine", **given)

    return do


def test_a_program_reads_the_conversation(engine: Engine, program: Any) -> None:  # noqa: ANN401 - a writer
    """System and assistant are named, the user is not."""
    talk = shell(engine, command=program("sys.stdout.write('<' + sys.stdin.read() + '>\\n\\n')"))
    said = [
        {"role": "system", "content": "be"},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "yes"},
    ]
    assert talk(messages=said) == {
        "content": "<System: be\n\nhi\n\nAssistant: yes>",
        "usage": {},
        "provider": "shell",
        "shell_provider": "mine",
    }


def test_a_program_streams_by_lines(engine: Engine, program: Any) -> None:  # noqa: ANN401 - a writer
    """Each line that says something is a chunk."""
    talk = shell(engine, command=program("print('a\\n\\nb')"))
    answer = talk("llm.stream")
    assert (answer["content"], answer["streamed"], answer["chunk_count"]) == ("a\n\nb", True, 2)


@pytest.mark.parametrize(
    ("settings", "body", "content"),
    [
        ({"args": ["say", "{prompt}"]}, "print(sys.argv[1:])", "['say', 'hi']"),
        ({"args": ["${SHELL_TEST}"]}, "print(sys.argv[1])", "expanded"),
        ({"env": {"MINE": "${SHELL_TEST}!"}}, "print(os.environ['MINE'])", "expanded!"),
        (
            {"stdin_mode": "file", "args": ["{input_file}"]},
            "print(open(sys.argv[1]).read().upper())",
            "HI",
        ),
        ({"verbose": True}, "print('seen'); print('why', file=sys.stderr)", "seen"),
    ],
)
def test_how_a_program_is_told(
    engine: Engine,
    program: Any,  # noqa: ANN401 - a writer
    settings: dict[str, Any],
    body: str,
    content: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By argument, environment, file or standard input; variables expand."""
    monkeypatch.setenv("SHELL_TEST", "expanded")
    talk = shell(engine, command=program(body), **settings)
    assert talk()["content"] == content


def test_a_long_prompt_goes_through_standard_input(engine: Engine, program: Any) -> None:  # noqa: ANN401 - a writer
    """Arguments have an end."""
    body = "print(len(sys.argv), len(sys.stdin.read()))"
    talk = shell(engine, command=program(body), args=["{prompt}"])
    assert talk(messages=[{"role": "user", "content": "x" * 100_001}])["content"] == "1 100001"


def test_a_verbose_program_is_heard(
    engine: Engine,
    program: Any,  # noqa: ANN401 - a writer
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """On standard error, while it talks."""
    monkeypatch.setenv("TEA_SHELL_VERBOSE", "1")
    body = "print(sys.stdin.read()); print('why', file=sys.stderr)"
    assert shell(engine, command=program(body))()["content"] == "hi"
    assert set(capfd.readouterr().err.split()) == {"hi", "why"}


@pytest.mark.parametrize(
    ("settings", "body", "error"),
    [
        ({"command": "no-such-program"}, "", "Shell command not found: no-such-program"),
        ({"timeout": 0.2}, "time.sleep(30)", "Shell command timed out after 0.2s"),
        ({"timeout": 0.2, "verbose": True}, "time.sleep(30)", "Shell command timed out after 0.2s"),
        ({}, "sys.exit('because')", "Shell command failed (exit 1): because"),
        ({"stdin_mode": "telepathy"}, "", "Unknown stdin_mode: telepathy"),
    ],
)
def test_a_program_that_fails(
    engine: Engine,
    program: Any,  # noqa: ANN401 - a writer
    settings: dict[str, Any],
    body: str,
    error: str,
) -> None:
    """The answer says how."""
    talk = shell(engine, **{"command": program(body), **settings})
    assert talk() == {"error": error, "success": False}


def test_which_programs_there_are(ask: Ask, engine: Engine) -> None:
    """Some are built in; one must be named."""
    engine.shell_providers = {"mine": {"command": "x"}}
    unnamed = ask("llm.call", provider="shell", prompt="hi")
    assert unnamed["error"].startswith("provider='shell' requires shell_provider parameter")
    unknown = ask("llm.call", provider="shell", prompt="hi", shell_provider="other")
    names = ["claude", "codex", "cursor", "gemini", "mine", "opencode", "qwen"]
    assert unknown["error"] == f"Shell provider 'other' not configured. Available: {names}"


def test_a_file_that_is_no_program(engine: Engine, tmp_path: Path) -> None:
    """Cannot be started, and the answer says so."""
    path = tmp_path / "noise"
    path.write_bytes(b"\x00\x01")
    path.chmod(0o755)
    answer = shell(engine, command=str(path))()
    assert answer["error"].startswith(f"Shell command cannot be started: {path}: ")
    assert answer["success"] is False
