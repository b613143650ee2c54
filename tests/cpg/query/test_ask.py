"""Asking: what is given is checked, a name means one thing, and SQL asks the same questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import codeanatomy as ca
from codeanatomy.cpg import query
from codeanatomy.cpg.graph.node import NotAnalysedError
from codeanatomy.cpg.query._target import AmbiguousNameError
from codeanatomy.cpg.query.show import NoMatchError
from codeanatomy.engine.errors import QueryError
from codeanatomy.kernel.errors import SpecError, UnknownNameError
from tests.builds import built, write
from tests.calls import LAYERS, PROGRAM, Call, with_calls

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> ca.Graph:
    """Build the program without the layer of calls."""
    folder: Path = tmp_path_factory.mktemp("bare")
    built(write(folder / "till", PROGRAM), folder / "store", layers=LAYERS)
    return ca.open(folder / "store")


@pytest.mark.parametrize("what", ["till.app.show", "app.show", "till/app.py:9", "node_id", "nid"])
def test_a_definition_goes_by_what_show_takes(till: ca.Graph, what: str) -> None:
    """And by its node."""
    node = till.node("till.app.show")
    given = getattr(node, what) if what in ("node_id", "nid") else what
    assert [row["caller"] for row in till.callers(given)] == ["till.app.main"]
    assert [row["caller"] for row in till.callers(node)] == ["till.app.main"]


def test_a_name_of_several_definitions_is_refused(till: ca.Graph) -> None:
    """The candidates are facts, and the message lists them."""
    with pytest.raises(AmbiguousNameError, match=r"till/base\.py:5") as caught:
        till.callers("total")
    assert caught.value.facts["candidates"] == ("till.base.Priced.total", "till.cart.Cart.total")
    assert caught.value.exit_status == 2


def test_nothing_of_the_name_names_the_nearest(till: ca.Graph) -> None:
    """As `show` does."""
    with pytest.raises(NoMatchError, match=r"till\.app\.show"):
        till.callers("shwo")


@pytest.mark.parametrize(
    ("given", "named", "message"),
    [
        ((), {}, "callers needs of: what is called"),
        (("main", -1), {}, "depth is a value of type int, 0 or more, not -1"),
        (("main",), {"depth": "2"}, "depth is a value of type int"),
        (("main",), {"depth": True}, "depth is a value of type int"),
        (("main",), {"deep": 2}, "'deep' is not one of of, depth, confidence, limit"),
        (("main", 1), {"depth": 2}, "'depth' is given twice"),
        (("main", 1, 0.0, 5, 5), {}, "given 4 things at most"),
        ((True,), {}, "True is no node"),
    ],
)
def test_what_is_given_is_checked(
    till: ca.Graph, given: tuple[object, ...], named: dict[str, object], message: str
) -> None:
    """Against the declaration of the question."""
    with pytest.raises(SpecError, match=message):
        till.ask("callers", *given, **named)


def test_an_unknown_question(till: ca.Graph) -> None:
    """By name it is an error of ours, as a method an `AttributeError`."""
    with pytest.raises(UnknownNameError, match="no question 'caller'; the nearest is 'callers'"):
        till.ask("caller", "main")
    assert not hasattr(till, "caller")
    assert {question.name for question in query.QUESTIONS} <= set(dir(till))


@pytest.mark.parametrize("name", ["callers", "callees", "dead", "path"])
def test_a_layer_that_is_absent_is_no_empty_answer(bare: ca.Graph, name: str) -> None:
    """The reason is given; in SQL, where only rows come back, it is an error."""
    given = {"dead": [], "path": ["main", "show"]}.get(name, ["main"])
    answer = bare.ask(name, *given)
    why = "no CALLS edges: layer calls was not asked for: --layers"
    assert (answer.verdict, answer.standing.why, len(answer)) == ("not analysed", why, 0)
    assert answer.notes()[0] == f"not analysed: {why}"
    with pytest.raises(NotAnalysedError, match="layer calls was not asked for"):
        bare.sql(f"select * from {name}({', '.join(map(repr, given))})")


def test_what_was_not_analysed_is_told_beside_what_was(bare: ca.Graph) -> None:
    """A part of an answer is marked as one."""
    answer = bare.impact("till.base.Priced")
    assert answer.verdict == "found"
    assert any(note.startswith("no CALLS edges: ") for note in answer.notes())


def test_sql_asks_the_same_questions(till: ca.Graph) -> None:
    """Table functions, with their arguments in order, that join like tables."""
    rows = till.sql("select * from callers('Cart.total', 0) order by depth").to_pylist()
    assert rows == till.callers("Cart.total", 0).to_pylist()
    joined = till.sql(
        "select c.caller, n.kind from callers('Cart.total', 2, 0.5) c "
        "join nodes n on n.qualified_name = c.caller where c.depth = 2"
    )
    assert joined.to_pylist() == [{"caller": "till.app.show", "kind": "function"}]
    assert till.sql("select count(*) as n from imports()").to_pylist()[0]["n"] > 2
    dead = till.sql("select definition from dead('scripts,tests') where kind = 'method'")
    assert [row["definition"] for row in dead] == ["till.base.Priced.total"]


def test_sql_has_no_limit_of_its_own(till: ca.Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that are left out would be left out in silence; a limit can be given."""
    del monkeypatch
    assert len(till.sql("select * from callers('Cart.total', 0, 0.0, 2)")) == 2
    assert len(till.sql("select * from impact('till.base')")) == len(till.impact("till.base"))


def test_errors_of_a_question_reach_whoever_asks_in_sql(till: ca.Graph) -> None:
    """They are the same errors."""
    with pytest.raises(AmbiguousNameError):
        till.sql("select * from callers('total')")
    with pytest.raises(SpecError, match="depth is a value of type int"):
        till.sql("select * from callers('main', 'x')")
    with pytest.raises(SpecError, match="callers takes constants"):
        till.sql("select * from nodes n, callers(n.name)")
    with pytest.raises(QueryError, match="'callerz'"):
        till.sql("select * from callerz('main')")
    assert len(till.sql("select * from callers('Cart.total')")) == 1


def test_a_changed_file_is_told(tmp_path: Path) -> None:
    """Lines of source are null then, and the rows stay."""
    built(write(tmp_path / "repo", PROGRAM), tmp_path / "store", layers=LAYERS)
    (tmp_path / "repo" / "till" / "cart.py").write_text("", "utf-8")
    answer = ca.open(tmp_path / "store").imports("till.base")
    assert [(row["module"], row["source"]) for row in answer] == [("till.cart", None)]
    assert "1 file is not as when the graph was built: no source lines" in answer.notes()


def test_what_the_question_is_not_about_hides_nothing(tmp_path: Path) -> None:
    """A repository and a class of one name: only the class has a hierarchy."""
    files = {"a.py": "class Till: ...\nclass Sub(Till): ...\n"}
    built(write(tmp_path / "repo", files), tmp_path / "store", name="Till", layers=LAYERS)
    answer = ca.open(tmp_path / "store").hierarchy("Till")
    assert (answer.asked, [row["name"] for row in answer]) == (("a.Till",), ["a.Sub"])


def test_nodes_of_one_name_are_one_thing(tmp_path: Path) -> None:
    """A function that is defined twice is asked about as a whole."""
    source = "if x:\n    def f(): a()\nelse:\n    def f(): b()\ndef a(): ...\ndef b(): ...\n"
    calls = [Call("m", 2, "a", "m.a"), Call("m", 4, "b", "m.b")]
    root = write(tmp_path / "repo", {"m.py": source})
    graph = with_calls(root, tmp_path / "store", calls)
    assert graph.callees("f").asked == ("m.f",)
    assert {node.kind for node in graph.find("m.f")} == {"variable", "function"}
    assert graph.callers("a").to_pylist()[0]["site_lines"] == [2]
