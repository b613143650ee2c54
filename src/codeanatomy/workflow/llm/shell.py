"""Asking a model through a program on this machine: `provider: shell`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from codeanatomy.workflow.llm.ask import Answer, Message, refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Program = dict[str, Any]  # command, args, timeout (seconds), stdin_mode, env, verbose

BUILT_IN: dict[str, Program] = {
    "claude": {"command": "claude", "args": ["-p"]},
    "codex": {"command": "codex", "args": ["exec", "-"]},
    "gemini": {"command": "gemini", "args": []},
    "qwen": {"command": "qwen", "args": []},
    "opencode": {"command": "opencode", "args": ["run"]},
    "cursor": {"command": "cursor-agent", "args": ["-p"]},
}
_LONGEST_ARGUMENT = 100_000  # characters; a longer prompt goes through standard input
_TIMEOUT = 300.0
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_SPEAKERS = {"system": "System: ", "assistant": "Assistant: "}


def ask_program(
    messages: Sequence[Message], name: str | None, configured: Mapping[str, Program]
) -> Answer:
    """Give the conversation to a program, and return what it printed."""
    known = {**BUILT_IN, **configured}
    if not name:
        return refused(
            "provider='shell' requires shell_provider parameter"
            f" (one of {sorted(known)}, or one from settings.shell_providers)"
        )
    if name not in known:
        text = f"Shell provider '{name}' not configured. Available: {sorted(known)}"
        return refused(text)
    program = {**BUILT_IN.get(name, {}), **configured.get(name, {})}
    mode = program.get("stdin_mode", "pipe")
    if mode not in {"pipe", "file"}:
        return refused(f"Unknown stdin_mode: {mode}")
    prompt = prompt_of(messages)
    answer = _by_file(program, prompt) if mode == "file" else _by_pipe(program, prompt)
    return answer if "error" in answer else {**answer, "shell_provider": name}


def streamed(answer: Answer) -> Answer:
    """Return an answer as a stream gives it: each line a chunk."""
    if "error" in answer:
        return answer
    lines = answer["content"].splitlines()
    return {**answer, "streamed": True, "chunk_count": len([line for line in lines if line])}


def prompt_of(messages: Sequence[Message]) -> str:
    """Return a conversation as one text, a blank line between its messages."""
    return "\n\n".join(_SPEAKERS.get(m.get("role", ""), "") + _text(m) for m in messages)


def _text(message: Message) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(p.get("text", "")) for p in content if isinstance(p, dict))
    return "" if content is None else str(content)


def _by_pipe(program: Program, prompt: str) -> Answer:
    args = [_expanded(str(arg)) for arg in program.get("args") or []]
    if not any("{prompt}" in arg for arg in args):
        return _run(program, args, prompt)
    if len(prompt) > _LONGEST_ARGUMENT:
        kept = [arg.replace("{prompt}", "") for arg in args if arg != "{prompt}"]
        return _run(program, kept, prompt)
    return _run(program, [arg.replace("{prompt}", prompt) for arg in args], None)


def _by_file(program: Program, prompt: str) -> Answer:
    number, path = tempfile.mkstemp(suffix=".txt", prefix="prompt_")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(prompt)
        given = program.get("args") or []
        args = [_expanded(str(arg)).replace("{input_file}", path) for arg in given]
        return _run(program, args, None)
    finally:
        Path(path).unlink(missing_ok=True)


def _run(program: Program, args: list[str], prompt: str | None) -> Answer:
    command = _expanded(str(program.get("command", "")))
    timeout = float(program.get("timeout", _TIMEOUT))
    own = {key: _expanded(str(value)) for key, value in (program.get("env") or {}).items()}
    piped: dict[str, Any] = {} if prompt is None else {"stdin": subprocess.PIPE}
    try:
        process = subprocess.Popen(  # noqa: S603 - the person configured this program
            [command, *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **own},
            **piped,
        )
    except (FileNotFoundError, PermissionError):
        return refused(f"Shell command not found: {command}")
    except OSError as wrong:
        return refused(f"Shell command cannot be started: {command}: {wrong}")
    verbose = program.get("verbose") or os.environ.get("TEA_SHELL_VERBOSE") == "1"
    try:
        out, complaints = (_tee if verbose else _talk)(process, prompt, timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        if not verbose:  # the readers of a verbose one close what they read
            _close(process)
        return refused(f"Shell command timed out after {program.get('timeout', 300)}s")
    if process.returncode != 0:
        return refused(f"Shell command failed (exit {process.returncode}): {complaints.strip()}")
    return {"content": out.strip(), "usage": {}, "provider": "shell"}


def _talk(process: subprocess.Popen[str], prompt: str | None, timeout: float) -> tuple[str, str]:
    if prompt is None:
        return process.communicate(timeout=timeout)
    return process.communicate(input=prompt, timeout=timeout)


def _tee(process: subprocess.Popen[str], prompt: str | None, timeout: float) -> tuple[str, str]:
    """Talk as `_talk` does, and show each line on standard error as it comes."""
    texts: dict[str, list[str]] = {"stdout": [], "stderr": []}
    pipes = {"stdout": process.stdout, "stderr": process.stderr}
    readers = [
        threading.Thread(target=_show, args=(pipe, texts[name]), daemon=True)
        for name, pipe in pipes.items()
    ]
    writer = threading.Thread(target=_write, args=(process, prompt), daemon=True)
    for thread in (*readers, writer):
        thread.start()
    process.wait(timeout=timeout)
    for thread in (*readers, writer):
        thread.join()
    return "".join(texts["stdout"]), "".join(texts["stderr"])


def _write(process: subprocess.Popen[str], prompt: str | None) -> None:
    if process.stdin is not None:
        try:
            process.stdin.write(prompt or "")
            process.stdin.close()
        except BrokenPipeError:
            return  # a program need not read all that it is told


def _show(pipe: IO[str] | None, lines: list[str]) -> None:
    if pipe is None:
        return
    with pipe:
        for line in pipe:
            lines.append(line)
            sys.stderr.write(line)
    sys.stderr.flush()


def _close(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None and not pipe.closed:
            pipe.close()


def _expanded(text: str) -> str:
    return _VARIABLE.sub(lambda found: os.environ.get(found[1], found[0]), text)
