"""Where code of a file stands: tracebacks and messages name the file and its line."""

# ruff: noqa: E501 - an agent is a line

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from codeanatomy.workflow.yaml_engine.engine import YAMLEngine

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
name: places
nodes:
  - name: fine
    run: |
      x = 1
  - name: broken
    on_error: {mode: graceful, capture_traceback: true}
    run: |
      y = 2
      return {"z": y / 0}
"""


def test_traceback_names_the_line_of_the_file(tmp_path: Path) -> None:
    """The line of a traceback is the one in the YAML file."""
    path = tmp_path / "places.yaml"
    path.write_text(TEXT)
    with YAMLEngine() as engine:
        (end,) = engine.load_from_file(str(path)).invoke({})
    line = TEXT.splitlines().index('      return {"z": y / 0}') + 1
    assert f'File "{path}", line {line}' in end["state"]["__error__"]["traceback"]


def test_a_definition_names_the_node() -> None:
    """Without a file, the node is named, and lines count from its code."""
    with YAMLEngine() as engine:
        (end,) = engine.load_from_dict(yaml.safe_load(TEXT)).invoke({})
    traceback = end["state"]["__error__"]["traceback"]
    assert "File \"<yaml>, node 'broken'\", line 2" in traceback


@pytest.mark.parametrize(("code", "line"), [("x = = 1", 4), ("x = 1\n      y = = 2", 5)])
def test_code_that_is_no_python(code: str, line: int, tmp_path: Path) -> None:
    """What is wrong with the code is told with file and line, when it is to run."""
    path = tmp_path / "wrong.yaml"
    path.write_text(f"nodes:\n  - name: a\n    run: |\n      {code}\n")
    with YAMLEngine() as engine:
        (event,) = engine.load_from_file(str(path)).invoke({})
    assert event["error"].startswith(f"{path}:{line}: ")


def test_streams_connect_processes() -> None:
    """What one branch's process writes, another's reads."""
    text = """
    settings: {parallel: {strategy: process, streams: {enabled: true}}}
    nodes:
      - {name: a}
      - {name: w, streams: {stdout: lines}, run: "print('one'); print('two', flush=True)\\nreturn {}"}
      - {name: r, streams: {stdin: lines}, run: "import sys\\nreturn {'got': sys.stdin.read().split()}"}
      - {name: j, fan_in: true, run: "return {'got': parallel_results[1]['got']}"}
    edges: [{from: a, to: [w, r], type: parallel, fan_in: j}]
    """
    with YAMLEngine() as engine:
        (end,) = engine.load_from_dict(yaml.safe_load(text)).invoke({})
    assert end["state"]["got"] == ["one", "two"]
