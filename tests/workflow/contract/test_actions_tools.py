"""What the tools of others answer: MCP over a real server, libraries by what stands for them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.engines import Engine, actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[1]
REAL: dict[str, Any] = {"command": sys.executable, "args": [str(FOLDER / "mcp_server.py")]}
LINES = {"command": sys.executable, "args": ["-S", str(FOLDER / "mcp_lines.py")]}


@pytest.fixture
def engine() -> Iterator[Engine]:
    """Give an engine that knows a server."""
    with open_engine(settings={"mcp": {"servers": {"tests": LINES}}}) as one:
        yield one


def call(engine: Engine, verb: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - parameters
    """Call one of the actions."""
    found: dict[str, Any] = actions_of(engine)[f"tools.{verb}"](state={}, **given)
    return found


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"tool": "add", "a": 2, "b": 3}, {"result": 5}),
        ({"tool": "greet", "name": "A"}, {"hello": "A"}),
    ],
)
def test_a_tool_of_a_real_mcp_server(
    engine: Engine, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Of a server made with the `mcp` package; the keys of a mapping are those of the result."""
    found = call(engine, "mcp", server=REAL, **given)
    assert found == {"success": True, **expected, "tool": given["tool"]}


def test_a_tool_over_http(engine: Engine) -> None:
    """A server at an address is asked over HTTP."""
    command = [REAL["command"], *REAL["args"], "http"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        port = process.stdout.readline().strip() if process.stdout else ""
        try:
            url = f"http://127.0.0.1:{port}/mcp"
            found = [
                call(engine, "mcp", server=server, tool="add", a=2, b=3)
                for server in (url, {"url": url, "headers": {"X-Test": "1"}})
            ]
        finally:
            process.kill()
    assert found == [{"success": True, "result": 5, "tool": "add"}] * 2


@pytest.mark.parametrize(
    ("tool", "expected"),
    [("hi", {"result": "hi"}), ("json", {"a": 1}), ("two", {"result": ["x", "y"]})],
)
def test_texts_of_an_mcp_tool(engine: Engine, tool: str, expected: dict[str, Any]) -> None:
    """One text is the result, or the mapping that stands in it; several are a list."""
    found = call(engine, "mcp", server="tests", tool=tool)
    assert found == {"success": True, **expected, "tool": tool}


@pytest.mark.parametrize(
    ("server", "given", "kind"),
    [
        ("tests", {"tool": "fail"}, "execution"),
        ("tests", {"tool": "wait", "seconds": 9, "timeout": 0.5}, "timeout"),
        ("unknown", {"tool": "t"}, "configuration"),
        ({}, {"tool": "t"}, "configuration"),
        ({"command": "no-such-program-here"}, {"tool": "t"}, "execution"),
    ],
)
def test_mcp_failures(engine: Engine, server: object, given: dict[str, Any], kind: str) -> None:
    """Each has its type, and names the tool."""
    found = call(engine, "mcp", server=server, **given)
    assert (found["success"], found["error_type"], found["tool"]) == (False, kind, given["tool"])
    assert found["error"]


class Tool:
    """A tool as both libraries know them."""

    description = "Says it twice."

    def run(self, text: str) -> object:
        """Run as CrewAI does."""
        if text == "slow":
            time.sleep(0.2)
        if text == "bad":
            raise ValueError("bad text")
        return {"twice": text * 2} if text == "dict" else text * 2

    def invoke(self, given: dict[str, Any]) -> object:
        """Run as LangChain does."""
        return self.run(**given)


@pytest.fixture(params=["crewai", "langchain"])
def source(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a library where it is looked for."""
    name: str = request.param
    home = {"crewai": "crewai_tools", "langchain": "langchain_community.tools"}[name]
    module = ModuleType(home)
    vars(module).update(Twice=Tool, __all__=["Twice"])
    if "." in home:
        monkeypatch.setitem(sys.modules, home.partition(".")[0], ModuleType("package"))
    monkeypatch.setitem(sys.modules, home, module)
    return name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab", {"success": True, "result": "abab"}),
        ("dict", {"success": True, "twice": "dictdict"}),
        ("bad", {"success": False, "error_type": "execution"}),
        ("slow", {"success": False, "error_type": "timeout"}),
    ],
)
def test_a_tool_of_a_library(
    engine: Engine, source: str, text: str, expected: dict[str, Any]
) -> None:
    """Its result, or what went wrong, with its name."""
    found = call(engine, source, tool="Twice", text=text, timeout=0.05)
    assert {**expected, "tool": "Twice"}.items() <= found.items()
    if text == "slow":
        time.sleep(0.2)  # the thread that was left alone ends


@pytest.mark.parametrize("tool", ["Unknown", "os.system", "subprocess.run"])
def test_tools_that_are_none(engine: Engine, source: str, tool: str) -> None:
    """A name leads into the library, and nowhere else."""
    found = call(engine, source, tool=tool)
    assert (found["success"], found["error_type"], found["tool"]) == (False, "configuration", tool)


@pytest.mark.parametrize(
    ("verb", "package"), [("crewai", "crewai-tools"), ("langchain", "langchain-community")]
)
def test_a_library_that_is_not_installed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, verb: str, package: str
) -> None:
    """It says what to install."""
    for name in ("crewai_tools", "langchain_community.tools", "langchain_core.tools"):
        monkeypatch.setitem(sys.modules, name, None)
    found = call(engine, verb, tool="T")
    assert (found["success"], found["error_type"], found["tool"]) == (False, "import", "T")
    assert f"pip install {package}" in found["error"]


def test_tools_are_discovered(engine: Engine, source: str) -> None:
    """From all sources, or one; by name; remembered for a while."""
    found = call(engine, "discover")
    assert (found["success"], found["count"]) == (True, 3)
    assert found["sources"] == sorted(["mcp", source])
    assert {"name", "description", "parameters", "source"} <= set(found["tools"][0])
    one = call(engine, "discover", source=source)
    assert [(tool["name"], tool["description"]) for tool in one["tools"]] == [
        ("Twice", "Says it twice.")
    ]
    picked = call(engine, "discover", filter="gre*")
    assert [tool["name"] for tool in picked["tools"]] == ["greet"]
    engine.settings = {}
    assert call(engine, "discover", source="mcp")["count"] == 2
    assert call(engine, "discover", source="mcp", use_cache=False)["count"] == 0


def test_what_was_listed_is_forgotten(engine: Engine) -> None:
    """All of it, or one source."""
    engine.settings = {}
    call(engine, "discover")
    assert call(engine, "clear_cache", source="mcp") == {
        "success": True,
        "cleared": 1,
        "source": "mcp",
    }
    assert call(engine, "clear_cache") == {"success": True, "cleared": 2, "source": "all"}


def test_an_unknown_source(engine: Engine) -> None:
    """It is told which there are."""
    found = call(engine, "discover", source="odd")
    assert found["success"] is False
    assert "crewai, langchain, mcp" in found["error"]
