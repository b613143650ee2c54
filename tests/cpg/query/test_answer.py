"""What a question gives: rows with their standing, as text, JSON, Mermaid and DOT."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from codeanatomy.cpg.query._answer import FORMS, Answer, Standing
from codeanatomy.cpg.query._draw import Arrow, dot, mermaid
from codeanatomy.cpg.query._question import Given, Question
from codeanatomy.kernel.errors import UnknownNameError
from codeanatomy.kernel.schema import Column

if TYPE_CHECKING:
    import codeanatomy as ca

NASTY = ['a"b', "c\\d", "<lambda>", "x[0]{y}|(z)", "#35; & %% --> end", "é\n", "`md`", "graph"]
_NODE = re.compile(r'  (n\d+)\["([^"#<>&`\\|\[\]{}()]|#\d+;)*"\]')
_ARROW = re.compile(r'  (n\d+) -->(\|"([^"#<>&`\\|\[\]{}()]|#\d+;)*"\|)? (n\d+)')
_STYLE = re.compile(r"  style (n\d+) stroke-width:3px")
_COMMENT = re.compile(r"  %% [^{}\n]*")
_TOKEN = re.compile(r'\s+|//[^\n]*|->|[{}\[\];,=]|"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|\d+(?:\.\d+)?')


def mermaid_ids(text: str) -> set[str]:
    """Return the nodes of a flowchart; fails on any line that is none of ours."""
    first, *lines = text.split("\n")
    assert first == "flowchart LR"
    declared: set[str] = set()
    for line in lines:
        if node := _NODE.fullmatch(line):
            declared.add(node[1])
        elif arrow := _ARROW.fullmatch(line):
            assert {arrow[1], arrow[4]} <= declared
        elif style := _STYLE.fullmatch(line):
            assert style[1] in declared
        else:
            assert _COMMENT.fullmatch(line), line
    return declared


def dot_labels(text: str) -> dict[str, str]:
    """Parse the statements of a graph in DOT; return the label of each node."""
    tokens, place = [], 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        assert found, text[place:]
        place = found.end()
        if found[0].strip() and not found[0].startswith("//"):
            tokens.append(found[0])
    assert tokens[:3] == ["digraph", "answer", "{"]
    assert tokens[-1] == "}"
    labels: dict[str, str] = {}
    for statement in " ".join(tokens[3:-1]).removesuffix(" ;").split(" ; "):
        head, _, rest = statement.partition(" [ ")
        ends = head.split(" -> ")
        label = re.search(r'label = "((?:[^"\\]|\\.)*)"', rest)
        if len(ends) == 1 and label:
            labels[head] = re.sub(r"\\(.)", r"\1", label[1])
        elif len(ends) > 1:
            assert set(ends) <= labels.keys()
    return labels


@pytest.mark.parametrize("name", NASTY)
def test_any_name_makes_a_valid_drawing(name: str) -> None:
    """Whatever could be syntax is escaped; in DOT the label is the name again."""
    arrows = [Arrow(name, "b", name), Arrow("b", name, "")]
    assert mermaid_ids(mermaid([name], arrows, [name])) == {"n0", "n1"}
    assert dot_labels(dot([name], arrows, [name])) == {
        "n0": name.replace("\n", "\\n"),
        "n1": "b",
    }


def test_a_flowchart_of_calls(till: ca.Graph) -> None:
    """Every name once, every arrow once; what was asked about has a thick border."""
    assert till.callers("ping", depth=0).to_mermaid() == "\n".join(  # noqa: FLY002 - a page
        [
            "flowchart LR",
            "  %% 2 rows",
            "  %% 1 file does not parse: there may be more in it",
            '  n0["till.app.ping"]',
            '  n1["till.app.pong"]',
            "  n1 --> n0",
            "  n0 --> n1",
            "  style n0 stroke-width:3px",
        ]
    )


@pytest.mark.parametrize(
    ("question", "given"),
    [
        ("callers", ("Cart.total", 0)),
        ("callees", ("main", 0)),
        ("path", ("main", "Cart.total")),
        ("impact", ("till.base.Priced",)),
        ("hierarchy", ("till.cart.Cart",)),
        ("references", ("till.cart.Cart",)),
        ("imports", ()),
        ("dead", ()),
        ("callers", ("_helper",)),
    ],
)
def test_every_question_can_be_drawn(
    till: ca.Graph, question: str, given: tuple[object, ...]
) -> None:
    """As Mermaid and as DOT, with or without rows."""
    answer = till.ask(question, *given)
    names = dot_labels(answer.to_dot())
    assert len(mermaid_ids(answer.to_mermaid())) == len(names)
    assert set(answer.asked) <= set(names.values())


def test_json_holds_rows_and_standing(till: ca.Graph) -> None:
    """A program sees as much as a person."""
    found = json.loads(till.callers("Priced.total").to_json())
    assert found == {
        "question": "callers",
        "asked": ["till.base.Priced.total"],
        "verdict": "unresolved",
        "total": 0,
        "possible": 1,
        "why": "",
        "notes": ["1 file does not parse: there may be more in it"],
        "holds": True,
        "rows": [],
    }


def test_text_is_a_tree(till: ca.Graph) -> None:
    """What was found through what stands below it."""
    lines = repr(till.callers("Cart.total", depth=2)).splitlines()
    assert [re.split(r"\s{2,}", line.strip())[0] for line in lines] == [
        "callers till.cart.Cart.total",
        "caller",
        "till.cart.Cart.report",
        "till.app.show",
        "2 rows",
        "unresolved sites that could match: 1",
        "stopped at depth 2: 1 thing found there leads on; depth 0 has no bound",
        "1 file does not parse: there may be more in it",
    ]
    assert lines[3].startswith("    till.app.show  ")
    assert "till/app.py:10" in lines[3]
    assert lines[3].endswith("print(cart.report())")


def test_a_deep_tree_is_written(till: ca.Graph) -> None:
    """Without recursion, however deep."""
    del till
    columns = (
        Column("depth", "int32", ""),
        Column("below", "string", ""),
        Column("above", "string", ""),
    )
    question = Question("deep", "", (), columns, arrow=("below", "above"), found="below")
    rows = [{"depth": n + 1, "below": f"x{n + 1}", "above": f"x{n}"} for n in range(3000)]
    table = pa.Table.from_pylist(rows, question.table().arrow())
    answer = Answer(table, question, ("x0",), Standing("found", total=3000))
    lines = answer.to_text().splitlines()
    assert [line.split()[0] for line in lines[2:-1]] == [f"x{n + 1}" for n in range(3000)]


def test_forms_are_named(till: ca.Graph) -> None:
    """Any other is an error that lists them."""
    answer = till.imports()
    assert [answer.written(form) != "" for form in FORMS] == [True] * 4
    with pytest.raises(UnknownNameError, match="the forms are text, json, mermaid, dot"):
        answer.written("png")


def test_an_answer_is_a_result(till: ca.Graph) -> None:
    """It can be counted, iterated, converted and shown in a notebook with what is to be known."""
    answer = till.callers("Cart.total")
    assert (len(answer), answer.columns[:3]) == (1, ("depth", "caller", "kind"))
    assert "<td>till.cart.Cart.report</td>" in answer._repr_html_()
    assert "<p>unresolved sites that could match: 1</p>" in answer._repr_html_()


def test_how_a_question_is_written_in_sql() -> None:
    """What may be left out stands in brackets."""
    given = (Given("of", "node", ""), Given("depth", "int", "", 1))
    assert Question("q", "", given, ()).sql() == "SELECT * FROM q(of, [depth])"
