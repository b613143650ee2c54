"""What the pages show is what the commands print now."""

from __future__ import annotations

import re

import pytest

from codeanatomy.cpg.edges import REASONS
from codeanatomy.workflow.load import format as agent_file
from docs import console
from tests.house.source import ROOT, committed, shown

OURS = re.compile(r"^\$ codeanatomy (?:build|query|show|tables|diag|history)\b", re.MULTILINE)
ADR = ROOT / "docs" / "adr"


@pytest.mark.parametrize("name", console.PAGES)
def test_what_a_page_shows_is_real(name: str) -> None:
    """Every checked command prints what stands below it, times and ids aside."""
    page = (ROOT / name).read_text("utf-8")
    assert console.blocks(page)
    assert console.normalised(console.printed(page)) == console.normalised(page)


def test_every_page_with_checked_blocks_is_run() -> None:
    """A page that claims to be checked is."""
    claimed = [
        shown(path)
        for path in committed(".md")
        if "tests" not in path.parts and console.blocks(path.read_text("utf-8"))
    ]
    assert sorted(claimed) == sorted(console.PAGES)


def test_a_difference_is_seen() -> None:
    """Only times, ids, moments and counts of nodes may differ."""
    page = "```console checked\n$ codeanatomy config validate\nwrong\n```\n"
    assert console.printed(page) == page.replace("wrong", "no file of settings here")
    assert console.normalised("3 files, 1,234 nodes, 0.7 s") == "3 files, COUNT nodes, TIME"


def test_the_tutorial_asks_ten_questions() -> None:
    """Each under a heading of its own, with an answer."""
    page = (ROOT / "docs" / "tutorial" / "first-graph.md").read_text("utf-8")
    parts = re.split(r"^### (\d+)\. ", page, flags=re.MULTILINE)
    assert parts[1::2] == [str(number) for number in range(1, 11)]
    assert all(console.blocks(part) and OURS.search(part) for part in parts[2::2])


def test_every_step_of_the_agents_tutorial_is_run() -> None:
    """From the empty file to the crash: under each heading something is shown that a test runs."""
    page = (ROOT / "docs" / "tutorial" / "first-agent.md").read_text("utf-8")
    parts = re.split(r"^## (\d+)\. ", page, flags=re.MULTILINE)
    assert parts[1::2] == [str(number) for number in range(1, 8)]
    assert all("$ tea " in "".join(console.blocks(part)) for part in parts[2::2])


def test_every_node_type_is_run() -> None:
    """Its example is a file of the page, and the command below prints how it ends."""
    page = (ROOT / "docs" / "how-to" / "node-types.md").read_text("utf-8")
    parts = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    assert parts.keys() == agent_file.TYPES.keys()
    assert [name for name, part in parts.items() if not console.blocks(part)] == []


def test_every_example_of_an_agent_is_run() -> None:
    """Some page runs it; what a test of the examples loads is run with that test."""
    ran = "".join(
        text for name in console.PAGES for text in console.blocks((ROOT / name).read_text("utf-8"))
    )
    examples = [path for path in committed() if shown(path).startswith("examples/workflow/")]
    loaded = ["greeting.yaml", "greeting_actions.py"]
    assert [path.name for path in examples if f"workflow/{path.name}" not in ran] == loaded


def test_ids_of_now_stand_for_those_of_the_page() -> None:
    """A command that names what an earlier one printed works in every run."""
    page = (ROOT / "docs" / "how-to" / "human-approval.md").read_text("utf-8")
    (shown_id,) = set(re.findall(r"tea resume (\w+)\.1 -w", page))
    (id_now,) = set(re.findall(r"tea resume (\w+)\.1 -w", console.printed(page)))
    assert shown_id != id_now


def test_every_reason_is_explained() -> None:
    """What is unresolved says why, in the words of the page of edges."""
    page = (ROOT / "docs" / "explanation" / "what-it-does-not-know.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE))
    assert rows == REASONS


def test_the_map_lists_every_page() -> None:
    """Nothing in docs is found only by chance."""
    page = (ROOT / "docs" / "index.md").read_text("utf-8")
    linked = set(re.findall(r"\]\(([\w/.-]+\.md)\)", page))
    docs = ROOT / "docs"
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    in_reference = {name for name in pages if name.startswith("reference/")}
    assert linked == pages - in_reference - {"index.md"} | {"reference/index.md"}


def test_decisions_are_numbered_without_gaps() -> None:
    """A decision keeps its number; its title opens with it."""
    numbers = []
    for path in sorted(ADR.glob("*.md")):
        title = path.read_text("utf-8").partition("\n")[0]
        assert title.startswith(f"# {int(path.name[:4])}. ")
        numbers.append(int(path.name[:4]))
    assert numbers == list(range(1, len(numbers) + 1))
