"""No secret is in a journal, wherever it was planted, and a run goes on with it all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.journal.effects import perform
from codeanatomy.workflow.journal.open import open_journal
from codeanatomy.workflow.redact import forget_secrets, keep_secret
from tests.workflow.journal.driving import Stopped, go_on, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMED, SHARED = "n4med-s3cret", "sh4red-s3cret"
State = dict[str, Any]


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    keep_secret(SHARED)
    yield
    forget_secrets()


def test_planted_secrets_are_nowhere_in_the_files(tmp_path: Path) -> None:
    """In state, config, updates, effects, errors, interrupts, output."""

    def node(state: State) -> State:
        perform("call", lambda: {"echo": f"{NAMED} {SHARED}"})
        with pytest.raises(ValueError, match=NAMED):
            perform("fail", lambda: int(f"{NAMED} {SHARED}"))
        state["list"].append({NAMED: [SHARED, b"x" + NAMED.encode()]})
        return {"a": NAMED, "b": SHARED}

    with open_journal(tmp_path / "j.db") as journal:
        journal.secrets.add("KEY", NAMED)
        begun = journal.begin("t", state={"in": [NAMED, SHARED]}, config={"k": NAMED, "s": SHARED})
        with begun as log:
            lane = log.lane()
            lane.record(1, "a", 1, {"x": NAMED}, None, "b", 0.0, 0.0)
            lane.record(2, "b", 1, {"x": NAMED}, None, "b", 0.0, 0.0, error=f"{NAMED} {SHARED}")
            log.interrupt("b", "before", {"y": NAMED}, {"state": {"y": SHARED}})
            log.finish("error", {"y": NAMED}, output=SHARED, node="b", error=NAMED)
        run(journal, [("n", node)], {"list": []}, "other")
        told = str(
            [journal.steps(row.run_id) + journal.effects(row.run_id) for row in journal.runs()]
        )
        assert NAMED not in told + str(journal.runs())
        assert SHARED not in told
        content = b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))
    content += b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert b"[secret:KEY]" in content
    assert NAMED.encode() not in content
    assert SHARED.encode() not in content


def test_a_run_goes_on_with_the_secrets_that_are_known(tmp_path: Path) -> None:
    """State and effects have them again; without them the markers stay, and say which."""

    def node(state: State) -> State:
        got = perform("call", lambda: f"token {NAMED}")
        if not state.get("again"):
            raise Stopped
        return {"got": got}

    steps = [("a", lambda _: {"key": NAMED}), ("n", node)]
    with open_journal(tmp_path / "j.db") as journal:
        journal.secrets.add("KEY", NAMED)
        run_id = run(journal, steps, {})
    with open_journal(tmp_path / "j.db") as journal:
        journal.secrets.add("KEY", NAMED)
        fork = journal.fork(run_id, 1, {"again": True}, thread_id="f")
        assert go_on(journal, steps, "f") == {"key": NAMED, "again": True, "got": f"token {NAMED}"}
        assert journal.state_at(fork, 2)["got"] == "token [secret:KEY]"
    with open_journal(tmp_path / "j.db") as journal:
        assert journal.state_at(run_id, 1) == {"key": "[secret:KEY]"}
        journal.fork(run_id, 1, {"again": True}, thread_id="g")
        assert go_on(journal, steps, "g")["key"] == "[secret:KEY]"
