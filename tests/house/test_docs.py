"""The documentation is complete, current, and free of this machine."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cpg.edges import METHODS, REASONS
from codeanatomy.ecs import components
from codeanatomy.ecs.backend.base import Capabilities
from codeanatomy.ecs.backend.capability import MEANINGS
from codeanatomy.ecs.backend.durability import SETTINGS, durability
from codeanatomy.ecs.receipt import ERROR_ROWS
from codeanatomy.workflow.load import format as agent_file
from docs import generate
from docs._pages import actions, agent_files, tea, workflow_api, world_api, worlds
from tests.house.source import ROOT, SRC, committed, shown, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

REFERENCE = ROOT / "docs" / "reference"
README_LINES = 150
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)|!\[[^\]]*\]\((?P<image>[^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MACHINE = re.compile(r"(?<![\w.>}~])/(?:work|root|home|tmp|Users)/\w")
REGISTRY = re.compile(r"https?://[\w.:-]*(?:py" + r"pi|pythonhosted|/simple\b)[\w./-]*")


def headings(path: Path) -> list[str]:
    """Return the headings of a page, those in code left out."""
    return HEADING.findall(FENCE.sub("", path.read_text("utf-8")))


def slug(heading: str) -> str:
    """Return the anchor that a heading gets on the web."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize(
    "name",
    [
        "actions",
        "agent-files",
        "api",
        "commands",
        "edges",
        "errors",
        "nodes",
        "questions",
        "settings",
        "tables",
        "tea",
        "warnings",
        "workflow-api",
        "world-api",
        "world-runtime",
        "worlds",
    ],
)
def test_a_reference_page_is_what_the_declarations_say(name: str) -> None:
    """A page that differs is written anew with `python3 dev.py docs`."""
    committed_text = (REFERENCE / f"{name}.md").read_text("utf-8")
    assert committed_text == generate.pages()[f"{name}.md"]


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("actions", actions.action_names),
        ("agent-files", agent_files.headings),
        ("api", generate.public),
        ("commands", generate.commands),
        ("edges", lambda: map(generate.name_of, generate.edges())),
        ("errors", lambda: (error.code for error in generate.errors())),
        ("nodes", lambda: map(generate.name_of, generate.nodes())),
        ("questions", lambda: map(generate.name_of, generate.questions())),
        ("settings", lambda: map(generate.name_of, generate.settings())),
        ("tables", lambda: (table.name for table in generate.tables())),
        ("tea", tea.tea_commands),
        ("warnings", lambda: (code for code, _, _ in generate.warnings())),
        ("workflow-api", workflow_api.workflow_names),
        ("world-api", world_api.world_names),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_everything_declared_has_a_heading(page: str, names: Callable[[], Iterable[str]]) -> None:
    """Whoever meets a name finds it in the reference."""
    wanted = sorted(names())
    assert wanted
    assert sorted(set(wanted) - set(headings(REFERENCE / f"{page}.md"))) == []


@pytest.mark.parametrize("words", [METHODS, REASONS], ids=["methods", "reasons"])
def test_every_word_of_an_edge_is_explained(words: dict[str, str]) -> None:
    """How a call's target was found, and why something is unresolved: in a table of the page."""
    lines = generate.pages()["edges.md"].splitlines()
    assert words
    assert [w for w, meaning in words.items() if f"| `{w}` | {meaning} |" not in lines] == []


@pytest.mark.parametrize(
    ("page", "words"),
    [("worlds", worlds.world_words), ("world-runtime", worlds.runtime_words)],
    ids=["worlds", "world-runtime"],
)
def test_every_word_of_worlds_is_in_a_table(page: str, words: Callable[[], list[str]]) -> None:
    """Commands, error rows, moments, settings, functions; operations, roles, states, routes."""
    text = generate.pages()[f"{page}.md"]
    rows = "".join(line for line in text.splitlines() if line.startswith("|"))
    assert words()
    assert [word for word in words() if f"`{word}`" not in rows] == []


def test_every_error_row_is_declared() -> None:
    """A receipt has no code that the reference does not explain, and none is explained in vain."""
    source = (SRC / "ecs" / "apply.py").read_text("utf-8")
    given = set(re.findall(r'"([a-z]+-[a-z]+|despawned)": [a-z]', source))
    assert given == set(ERROR_ROWS)


def test_every_durability_is_written_as_it_is_read() -> None:
    """What the reference lists is what `durability=` takes, each with a meaning of its own."""
    read = {text: durability(text) for text in SETTINGS}
    assert len(set(read.values())) == len(read) == 4
    assert [text for text, setting in read.items() if not setting.deferred] == ["tick"]


def test_every_plain_type_of_a_field_is_shown() -> None:
    """The table of columns has a row for each type that a field may be annotated with."""
    shown_types = set(map(repr, worlds.ANNOTATIONS.values()))
    assert [t for t in components._scalars() if repr(t) not in shown_types] == []


def test_every_ability_of_a_store_has_a_meaning() -> None:
    """In the order in which a store declares them."""
    assert Capabilities._fields[1:] == tuple(MEANINGS)


def test_every_action_says_what_it_does() -> None:
    """In one sentence, in its docstring."""
    names = actions.action_names()
    assert names
    assert [name for name in names if not actions.described(name).endswith(".")] == []


WORKFLOW = SRC / "workflow"
SETTING = re.compile(
    r"""(?:\bsettings(?:\sor\s\{\})?\)?\.get\(|section\((?:agent\.)?(?:settings|more),\s)["'](\w+)["']"""
)
OF_NODES = re.compile(r"""\bnode(?:\.get\(|\[)["'](\w+)["']""")
CODED = re.compile(r"""["']([A-Z]+(?:_[A-Z]+)+)["']""")
# the parts that read an agent file; what is called `settings` elsewhere is something else
READERS = ("actions", "kinds", "load", "yaml_engine", "llm")


def read_in(pattern: re.Pattern[str], *rooms: str) -> set[str]:
    """Collect what a pattern finds in the sources of some rooms of the workflow."""
    files = [path for room in rooms for path in (WORKFLOW / room).rglob("*.py")]
    return {word for path in files for word in pattern.findall(path.read_text("utf-8"))}


def test_every_setting_that_is_read_is_declared() -> None:
    """Under its name, or as an option of a setting."""
    words = {word for name in agent_file.SETTINGS for word in name.split(".")}
    found = read_in(SETTING, *READERS)
    assert {"journal", "file_root", "rate_limiters", "llm"} <= found
    assert sorted(found - words) == []


def test_every_key_of_a_node_that_is_read_is_declared() -> None:
    """What is not declared would be warned of."""
    found = read_in(OF_NODES, "kinds", "yaml_engine", "load")
    assert {"uses", "goto", "on_error"} <= found
    assert sorted(found - set(agent_file.NODE)) == []


def test_every_finding_is_declared() -> None:
    """And every declared one is found somewhere."""
    files = [p for room in ("load", "kinds") for p in (WORKFLOW / room).rglob("*.py")]
    texts = [p.read_text("utf-8") for p in files if p.name != "format.py"]
    found = {word for text in texts for word in CODED.findall(text)}
    assert found == {code.name for code in agent_file.CODES}


def test_every_namespace_has_an_example() -> None:
    """Under a heading of its own on the page of actions."""
    names = {actions.namespace_of(name) for name in actions.action_names()}
    page = ROOT / "docs" / "how-to" / "actions-by-example.md"
    assert sorted(names - set(headings(page))) == []


def test_every_node_type_has_an_example() -> None:
    """Under a heading of its own on the page of node types."""
    page = ROOT / "docs" / "how-to" / "node-types.md"
    assert sorted(set(agent_file.TYPES) - set(headings(page))) == []


def test_every_error_has_a_code_of_its_own() -> None:
    """A code says which error it is."""
    codes = [error.code for error in generate.errors()]
    assert sorted(codes) == sorted(set(codes))


def test_every_warning_is_declared_once() -> None:
    """What a module of the package warns of is in its `WARNINGS`, and in no other's."""
    declared = [code for code, _, _ in generate.warnings()]
    assert sorted(declared) == sorted(set(declared))
    given = {code for path in SRC.rglob("*.py") for code in _warned(tree(path))}
    assert given
    assert given - set(declared) == set()


def _warned(source: ast.Module) -> Iterator[str]:
    """Yield the constant codes of the warnings that a module makes: dicts of these four keys."""
    for node in ast.walk(source):
        if isinstance(node, ast.Dict):
            pairs = {k.value: v for k, v in zip(node.keys, node.values, strict=True)
                     if isinstance(k, ast.Constant)}  # fmt: skip
            code = pairs.get("code")
            if pairs.keys() == {"code", "stage", "message", "facts"} and isinstance(
                code, ast.Constant
            ):
                yield str(code.value)


def test_the_readme_is_short() -> None:
    """A reader finishes it."""
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= README_LINES


def test_relative_links_lead_somewhere() -> None:
    """The file exists, and the heading in it."""
    broken = [
        f"{shown(page)}: {target}"
        for page in committed(".md")
        if page == ROOT / "README.md" or "docs" in page.relative_to(ROOT).parts
        for match in LINK.finditer(FENCE.sub("", page.read_text("utf-8")))
        if (target := match["target"] or match["image"]) and not leads_somewhere(page, target)
    ]
    assert broken == []


def leads_somewhere(page: Path, target: str) -> bool:
    """Say whether a link of `page` can be followed; links to the web are not tried."""
    if re.match(r"[a-z]+:", target):
        return True
    name, _, anchor = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    if not path.exists() or not path.is_relative_to(ROOT):
        return False
    return not anchor or anchor in map(slug, headings(path))


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY], ids=["paths", "registries"])
def test_nothing_of_this_machine_is_committed(pattern: re.Pattern[str]) -> None:
    """A path or a registry of one machine is of no use on another."""
    found = [
        f"{shown(path)}: {match[0]}"
        for path in committed()
        if "corpus" not in path.parts and (text := readable(path))
        for match in pattern.finditer(text)
    ]
    assert found == []


def readable(path: Path) -> str:
    """Return the text of a file, or nothing if it is not text."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""
