"""A run as one page: everything is there, everything is escaped, nothing is loaded."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from codeanatomy.workflow import redact
from codeanatomy.workflow.show.report import LONGEST, MOST, to_html
from codeanatomy.workflow.show.scale import Scale
from codeanatomy.workflow.show.story import Change, Effect, Story, Told, changes_between

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


class Reader(HTMLParser):
    """Collects tags, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text.append(data)


def read(page: str) -> Reader:
    """Read a page."""
    reader = Reader()
    reader.feed(page)
    return reader


def story(**changed: Any) -> Story:  # noqa: ANN401 - fields of a story
    """Tell a run of two nodes, a branch, a failure and a second attempt."""
    steps = (
        Told("", 1, "first", 1, 100.0, 0.5, (Change("x", "added", None, 1),), "split"),
        Told("", 2, "split", 1, 100.5, 0.1, (), "join"),
        Told("2.left", 1, "left", 1, 100.6, 0.1, (), None, "ConnectionError: refused"),
        Told("2.left", 1, "left", 2, 100.8, 0.2, (Change("x", "changed", 1, 2),), "join"),
        Told(
            "",
            3,
            "join",
            1,
            101.0,
            0.1,
            (Change("x", "removed", 2),),
            effects=(Effect("http.get", "run/3/1", {"status": 200}),),
        ),
    )
    fields: dict[str, Any] = {
        "run": "run-1", "thread": "thread-1", "graph": "My flow", "status": "final",
        "steps": steps, "began": 100.0, "seconds": 1.1, "initial": {"q": "?"}, "final": {"a": "!"},
    }  # fmt: skip
    return Story(**{**fields, **changed})


def test_a_page_tells_the_run() -> None:
    """Names, times, attempts, errors, differences, effects, both ends."""
    text = " ".join(read(to_html(story())).text)
    for expected in (
        "My flow", "completed", "run-1", "thread-1", "1970-01-01 00:01:40 UTC", "first", "split",
        "left", "join", "attempt 2", "ConnectionError: refused", "500ms", "http.get",
        '"status": 200', '"q": "?"', '"a": "!"', "What went wrong on the way",
    ):  # fmt: skip
        assert expected in text, expected


def test_a_page_loads_nothing() -> None:
    """No script, no address, and a policy that forbids both."""
    reader = read(to_html(story()))
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(reader.tags)
    assert not {"src", "href", "action", "data", "xlink:href"} & {n for n, _ in reader.attributes}
    assert not [name for name, _ in reader.attributes if name.startswith("on")]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert ("content", policy) in reader.attributes
    assert "http://" not in to_html(story())
    assert "https://" not in to_html(story())


@pytest.mark.parametrize("field", ["run", "thread", "graph", "status", "parent", "error"])
def test_facts_are_escaped(field: str) -> None:
    """Whatever they say, they are text."""
    reader = read(to_html(story(**{field: EVIL})))
    assert "script" not in reader.tags
    assert "img" not in reader.tags
    assert EVIL in "".join(reader.text)


@pytest.mark.parametrize(
    "step",
    [
        Told("", 1, EVIL, 1, 0.0, 0.0, (), EVIL),
        Told(f"1.{EVIL}", 1, "n", 1, 0.0, 0.0),
        Told("", 1, "n", 1, 0.0, 0.0, error=EVIL),
        Told("", 1, "n", 1, 0.0, 0.0, (Change(EVIL, "changed", EVIL, [EVIL]),)),
        Told("", 1, "n", 1, 0.0, 0.0, effects=(Effect(EVIL, EVIL, {EVIL: EVIL}, EVIL),)),
    ],
)
def test_steps_are_escaped(step: Told) -> None:
    """Names, branches, errors, keys, values, effects."""
    reader = read(to_html(story(steps=(step,), initial={EVIL: EVIL})))
    assert "script" not in reader.tags
    assert "img" not in reader.tags


def test_secrets_are_not_on_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those the process knows, wherever they stand."""
    monkeypatch.setattr(redact, "_known", frozenset({"s3cret-0042"}))
    monkeypatch.setattr(redact, "_inside", re.compile("s3cret-0042"))
    step = Told(
        "", 1, "n", 1, 0.0, 0.0, (Change("k", "added", None, {"deep": ["s3cret-0042"]}),),
        error="denied s3cret-0042", effects=(Effect("e", "k", "s3cret-0042"),),
    )  # fmt: skip
    page = to_html(story(steps=(step,), final={"token": "x s3cret-0042 y"}))
    assert "s3cret-0042" not in page
    assert "[REDACTED]" in page


def test_a_page_has_both_palettes() -> None:
    """Light, and dark where the person asks for it."""
    page = to_html(story())
    assert "color-scheme: light dark" in page
    assert "@media (prefers-color-scheme: dark)" in page


def test_a_long_value_is_cut() -> None:
    """The page says how much is missing."""
    page = to_html(story(final={"text": "x" * (LONGEST * 2)}))
    assert "more characters" in page
    assert "x" * (LONGEST + 1) not in page


def test_a_long_run_is_cut() -> None:
    """Its first and last steps are told."""
    steps = tuple(Told("", n, f"n{n}", 1, float(n), 0.5, (), f"n{n + 1}") for n in range(MOST + 50))
    page = to_html(story(steps=steps[:MOST]))
    assert "are left out" not in page
    text = " ".join(read(to_html(story(steps=steps))).text)
    assert "50 steps between are left out." in text


def test_a_run_without_steps_is_a_page() -> None:
    """There may be none yet."""
    text = " ".join(read(to_html(story(steps=(), status="running"))).text)
    assert "No step was recorded." in text


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"a": 1}, [("a", "added")]),
        ({"a": 1}, {"a": 2}, [("a", "changed")]),
        ({"a": 1}, {"a": 1.0}, [("a", "changed")]),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {}, [("a", "removed")]),
        ({"a": 1, "b": 1}, {"c": 1, "b": 2}, [("c", "added"), ("b", "changed"), ("a", "removed")]),
    ],
)
def test_states_are_compared(
    before: dict[str, Any], after: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """Key by key."""
    assert [(c.key, c.sign) for c in changes_between(before, after)] == expected


def test_idle_time_is_cut_short() -> None:
    """Work keeps its proportion; a night between takes little room and is said."""
    scale = Scale.of([(0.0, 1.0), (1.0, 2.0), (40_000.0, 40_002.0)])
    places = [scale.place(moment) for moment in (0.0, 1.0, 2.0, 40_000.0, 40_002.0, 50_000.0)]
    assert places[0] == 0
    assert places[-1] == places[-2] == 100
    assert places[1] * 2 == pytest.approx(places[2])
    assert places[4] - places[3] == pytest.approx(places[2])
    assert places[3] - places[2] < 5
    assert scale.idle == 39_998
    assert len(scale.cuts) == 1


def test_short_pauses_are_not_cut() -> None:
    """They are what they are."""
    scale = Scale.of([(0.0, 1.0), (1.01, 2.0)])
    assert scale.cuts == []
    assert scale.place(1.0) == pytest.approx(50)
