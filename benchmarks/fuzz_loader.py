"""Coverage-guided fuzzing of the reader of agent files and of the scope of templates.

    python benchmarks/fuzz_loader.py loader -max_total_time=60 -rss_limit_mb=1024
    python benchmarks/fuzz_loader.py template -max_total_time=60
    python benchmarks/fuzz_loader.py block -max_total_time=60

Needs atheris. Every input must end in a value or in one of our errors, in bounded time and memory
(libFuzzer's limits), with the state as it was and without an import, a file or a process.
"""

from __future__ import annotations

import ast
import copy
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import atheris

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.load.document import Document

with atheris.instrument_imports(include=["codeanatomy", "jinja2", "yaml"]):
    from codeanatomy.kernel.errors import AnatomyError
    from codeanatomy.workflow.code.scan import BlockTagFound
    from codeanatomy.workflow.code.slots import own_templates, take_slots, take_texts
    from codeanatomy.workflow.load.read import read_yaml
    from codeanatomy.workflow.load.validate import validate
    from codeanatomy.workflow.template.environment import Templates

STATE: dict[str, Any] = {
    "a": {"b": [1, {"c": "text"}], "items": 3},
    "s": "{{ state.a }} '\" \\ ${v}",
    "n": 5,
    "_private": [None, True, 1.5],
}
_FORBIDDEN = ("open", "os.system", "subprocess.Popen", "socket.connect", "import", "exec")
_watching = False


def loader(data: bytes) -> None:
    """Read a text and check what it holds."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        document: Document = read_yaml(text)
        found = validate(document, strict=True)
    except AnatomyError:
        return
    assert all(f.code.isupper() for f in found)


def template(data: bytes) -> None:
    """Render, evaluate and judge a text; the state is as it was, nothing is opened or run."""
    global _watching  # noqa: PLW0603 - the audit hook looks at it
    text = data.decode("utf-8", "replace")
    state = copy.deepcopy(STATE)
    scope = {"state": state, "variables": {"v": "{{ 7 * 7 }}"}}
    templates = Templates()
    templates.sandbox()
    calls: tuple[Callable[[str, Any], Any], ...] = (
        templates.render,
        templates.text,
        templates.evaluate,
        templates.evaluate_condition,
        templates.evaluate_goto,
    )
    for call in calls:
        try:
            _watching = True
            call(text, scope)
        except AnatomyError:
            continue
        finally:
            _watching = False
    assert state == STATE


def block(data: bytes) -> None:
    """Take the templates out of a text of Python: what is left is Python, or was not before."""
    text = data.decode("utf-8", "replace")
    try:
        source, bindings = take_slots(text, own_templates(), "fuzz")
        take_texts(ast.parse(source), bindings, own_templates())
    except (AnatomyError, BlockTagFound, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    assert source.count("\n") == text.count("\n")


def audit(event: str, args: tuple[object, ...]) -> None:
    """Stop at what no template may do; compiling itself runs the code that Jinja2 writes."""
    if not _watching or not event.startswith(_FORBIDDEN):
        return
    if event == "exec" and "<template>" in repr(args):
        return
    if event == "import" and str(args[0]).startswith(("jinja2", "codeanatomy", "markupsafe")):
        return
    if event in {"open", "import"} and str(args[0]).endswith((".py", ".pyc")):
        return  # a module of the library, loaded when it is first needed
    stop(f"{event} {args!r}"[:300])


def stop(said: str) -> NoReturn:
    """End the run with what was tried."""
    raise RuntimeError(said)


def main() -> None:
    """Fuzz the target that is named first; the rest of the line is libFuzzer's."""
    targets: dict[str, Callable[[bytes], None]] = {
        "loader": loader,
        "template": template,
        "block": block,
    }
    name = sys.argv.pop(1)
    target = targets[name]
    for text in (
        "{{ state.a.b[0] }} {% if state.n %}x{% endif %}",
        "state.n > 1",
        "nodes: [{a: b}]",
    ):
        target(text.encode())  # what is imported at first use is imported before anyone watches
    sys.addaudithook(audit)
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
