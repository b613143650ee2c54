"""The question `diagnose`: what is known of the quality of a version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import codeanatomy as ca
from tests.graphs import write_graph

if TYPE_CHECKING:
    from pathlib import Path


def test_a_good_graph_holds(zoo: ca.Graph) -> None:
    """Its rules, files and extractors are counted."""
    found = zoo.diagnose()
    assert found.holds
    assert [(rule.rule, rule.checked, rule.failures) for rule in found.rules] == [
        ("ends_exist", 22, 0)
    ]
    assert found.files == {
        "files": 2, "read": 2, "do_not_parse": 1, "with_failures": 1, "mean_score": 550.0
    }  # fmt: skip
    assert [row["path"] for row in found.worst] == ["bad.py"]
    assert found.absent["cst_nodes"] == "libcst was not asked for: --evidence libcst"


def test_a_diagnosis_shows_itself_as_its_report(zoo: ca.Graph) -> None:
    """At a prompt, too."""
    found = zoo.diagnose()
    assert repr(found) == str(found) == found.to_text()


def test_a_failed_rule_does_not_hold(tmp_path: Path) -> None:
    """What the gate found is believed."""
    rule = {"rule": "r", "meaning": "m", "checked": 1, "failures": 1, "example": "node 7"}
    write_graph(tmp_path / "repo", tmp_path / "store", gate=[rule])
    found = ca.open(tmp_path / "store").diagnose()
    assert not found.holds
    assert "NOT every rule holds" in found.to_text()
    assert "node 7" in found.to_text()


def test_a_silent_kind_is_an_anomaly(tmp_path: Path) -> None:
    """A kind that is neither there nor absent for a reason breaks the promise of the pages."""
    write_graph(tmp_path / "repo", tmp_path / "store", absent={})
    found = ca.open(tmp_path / "store").diagnose()
    silent = {row["name"] for row in found.anomalies if row["problem"] == "silent"}
    assert not found.holds
    assert {"CALLS", "lambda"} <= silent


def test_the_report_groups_what_is_absent(zoo: ca.Graph) -> None:
    """One line for each reason."""
    text = zoo.diagnose().to_text()
    assert "\n  block, entry, exit: control flow is not analysed by this version\n" in text
