"""Plans: their order, identity and the four ways to show them."""

from __future__ import annotations

import json

import msgspec
import pytest

from codeanatomy.kernel.errors import CycleError, SpecError
from codeanatomy.kernel.plan import Plan, Step, planned

NAMES = Step("names", "normalize", ("ast_nodes",), "names", "select * from ast_nodes", reach="file")
REFS = Step("refs", "relate", ("names", "scopes"), "refs", "rooms.refs.call", engine="kernel")
EDGES = Step("edges", "union", ("refs",), "edges", "select * from refs")


def test_steps_run_after_those_whose_tables_they_read() -> None:
    """The order follows tables, not how the steps were listed."""
    assert [s.name for s in planned([EDGES, REFS, NAMES]).steps] == ["names", "refs", "edges"]


def test_sources_and_outputs_are_the_ends_of_the_flow() -> None:
    """What no step writes comes from outside; what no step reads is a result."""
    plan = planned([EDGES, REFS, NAMES])
    assert plan.sources() == ("ast_nodes", "scopes")
    assert plan.outputs() == ("edges",)


def test_two_steps_may_not_write_one_table() -> None:
    """The second writer is refused by the table's name."""
    other = msgspec.structs.replace(EDGES, name="more", writes="refs")
    with pytest.raises(SpecError, match=r"written table.*refs"):
        planned([REFS, other])


def test_two_steps_may_not_share_a_name() -> None:
    """A name means one step."""
    with pytest.raises(SpecError, match="names"):
        planned([NAMES, msgspec.structs.replace(NAMES, writes="other")])


def test_steps_that_read_each_other_are_a_cycle() -> None:
    """The path names steps."""
    a = Step("a", "derive", ("y",), "x", "select 1")
    b = Step("b", "derive", ("x",), "y", "select 1")
    with pytest.raises(CycleError) as caught:
        planned([a, b])
    assert caught.value.facts["path"] == ("a", "b", "a")


def test_the_fingerprint_is_of_the_content() -> None:
    """Listing steps otherwise changes nothing; changing one text changes it."""
    changed = msgspec.structs.replace(NAMES, text="select 1")
    assert planned([NAMES, EDGES]).fingerprint() == planned([EDGES, NAMES]).fingerprint()
    assert planned([NAMES, EDGES]).fingerprint() != planned([changed, EDGES]).fingerprint()


def test_the_fingerprint_is_the_same_in_every_process() -> None:
    """A known plan has a known fingerprint."""
    assert planned([NAMES]).fingerprint() == "e099349d886f056589c17999e5ea9181"


def test_a_step_is_found_by_name() -> None:
    """A name that is no step is an error that says so."""
    plan = planned([NAMES])
    assert plan.step("names") == NAMES
    with pytest.raises(SpecError, match="'nams'"):
        plan.step("nams")


def test_text_shows_each_step_with_its_flow_and_its_sql() -> None:
    """One paragraph a step, headed by the plan's fingerprint."""
    plan = planned([NAMES])
    assert plan.to_text() == (
        f"plan {plan.fingerprint()}\n\n"
        "names  normalize, sql, reach file\n"
        "  ast_nodes -> names\n"
        "    select * from ast_nodes\n"
    )


def test_json_holds_the_plan_and_every_fingerprint() -> None:
    """What is shown can be read back to an equal plan."""
    plan = planned([EDGES, REFS, NAMES])
    shown = json.loads(plan.to_json())
    assert shown["fingerprint"] == plan.fingerprint()
    assert [s.pop("fingerprint") for s in shown["steps"]] == [s.fingerprint() for s in plan.steps]
    assert msgspec.convert({"steps": shown["steps"]}, Plan) == plan


def test_dot_draws_tables_and_steps() -> None:
    """An arrow goes from a read table to its step, and from the step to what it writes."""
    dot = planned([REFS]).to_dot()
    assert '"refs" [shape=cylinder];' in dot
    assert '"scopes" -> "step refs";' in dot
    assert '"step refs" -> "refs";' in dot


def test_mermaid_draws_tables_and_steps() -> None:
    """The same flow, numbered, in Mermaid's words."""
    assert planned([NAMES]).to_mermaid() == (
        "flowchart LR\n"
        '  t0[("ast_nodes")]\n'
        '  t1[("names")]\n'
        '  s0["names<br/>normalize"]\n'
        "  t0 --> s0\n"
        "  s0 --> t1\n"
    )


def test_the_critical_path_runs_over_steps() -> None:
    """Seconds by step name; the chain by the tables between them."""
    plan = planned([EDGES, REFS, NAMES])
    path, seconds = plan.critical_path({"names": 2.0, "refs": 1.0, "edges": 0.5})
    assert (path, seconds) == (("names", "refs", "edges"), 3.5)
