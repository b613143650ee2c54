"""Follows a run to its end: tells its events, stops where a person is asked, goes on."""

from __future__ import annotations

import logging
import re
import shlex
import sys
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from codeanatomy.cli.tea.heartbeat import Stopwatch, emit_heartbeat, parallel_branch_label
from codeanatomy.cli.tea.inputs import check_fail_on_state, parse_fail_on_state
from codeanatomy.cli.tea.ndjson import emit_ndjson_event
from codeanatomy.cli.tea.prompt import ask
from codeanatomy.cli.tea.say import (
    BAR,
    FAILED,
    INTERRUPTED,
    as_json,
    at_terminal,
    say,
    tell,
    write_file,
)
from codeanatomy.workflow.names import START
from codeanatomy.workflow.show.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from codeanatomy.cli.tea.options import Telling
    from codeanatomy.cli.tea.workflow_file import Loaded

Event = dict[str, Any]
State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a run is told and when it stops."""

    stream: bool = False
    quiet: bool = False
    heartbeat: bool = False
    auto_continue: bool = False
    interactive: bool = False
    output: str | None = None
    fail_on: Sequence[tuple[str, str]] = ()
    file: str = ""
    config: dict[str, Any] | None = None

    @classmethod
    def of(cls, options: Telling, file: str) -> Manner:
        """Read the manner from options."""
        asked = vars(options)
        return cls(
            stream=options.stream,
            quiet=options.quiet,
            heartbeat=options.heartbeat,
            auto_continue=options.auto_continue,
            interactive=asked.get("interactive", False),
            output=options.output,
            fail_on=parse_fail_on_state(options.fail_on_state),
            file=file,
            config={"thread_id": asked["thread"]} if asked.get("thread") else None,
        )


class Following:
    """One run as a person or a program follows it; `status` is what the command ends with."""

    def __init__(self, loaded: Loaded, manner: Manner, watch: Stopwatch | None = None) -> None:
        self.loaded = loaded
        self.manner = manner
        self.watch = watch or Stopwatch()
        self.status = 0
        self.node = START  # the last that was done
        self.pause: Callable[[], AbstractContextManager[None]] = nullcontext
        if manner.heartbeat and not self.watch.watching:
            self.watch.watch(loaded.graph)

    def events(self, state: State | None, checkpoint: str | None = None) -> Iterator[Event]:
        """Yield every event; where the run waits, ask, and go on from its checkpoint."""
        graph, config = self.loaded.graph, self.manner.config
        while True:
            waiting: Event | None = None
            for event in self._told(graph.stream(state, config, checkpoint)):
                yield event
                if event["type"] in ("interrupt", "interrupt_before", "interrupt_after"):
                    waiting = event
            if waiting is None:
                return
            state, checkpoint = self._answer(waiting)
            if checkpoint is None:
                return

    def tell(self, event: Event) -> None:
        """Say one event."""
        kind = event["type"]
        if self.manner.heartbeat:
            self._beat(event)
        telling = _TELL.get(kind)
        if telling is not None:
            telling(self, event)

    # ------------------------------------------------------------------ what is told
    def state(self, event: Event) -> None:
        """Tell that a node is done."""
        self.node = event["node"]
        if self.manner.stream:
            emit_ndjson_event("node_complete", node=event["node"], state=event["state"])
        else:
            self.line(f"✓ {event['node']}")

    def branch_error(self, event: Event) -> None:
        """Tell that a branch failed; the run may go on."""
        if not self.manner.stream:
            self.line(f"✗ [{parallel_branch_label(event)}] {event['error']}")

    def error(self, event: Event) -> None:
        """Tell that the run ended at a node."""
        self.status = FAILED
        if self.manner.stream:
            emit_ndjson_event("error", node=event["node"], error=event["error"])
        else:
            tell(f"✗ Error at {event['node']}: {event['error']}")

    def refusal(self, event: Event) -> None:
        """Tell what is wrong with the input."""
        text = "; ".join(str(error.get("message", error)) for error in event["errors"])
        self.error({"node": START, "error": f"Input validation failed: {text}"})

    def response(self, event: Event) -> None:
        """Tell the answer that ended the run."""
        self.final({**event, "output": event.get("body")})

    def interrupt(self, event: Event) -> None:
        """Tell where the run waits."""
        if self.manner.stream:
            fields = {"checkpoint": event.get("checkpoint_path")}
            emit_ndjson_event("interrupt", node=event["node"], state=event["state"], **fields)
        else:
            self.line(f"⏸  Interrupt at: {event['node']}")
            self.line(f"   State: {as_json(event['state'])}")

    def final(self, event: Event) -> None:
        """Tell how it ended, write the output, and compare with the conditions of failure."""
        state = event["state"]
        if self.manner.stream:
            extra = {"output": event["output"]} if event.get("output") is not None else {}
            emit_ndjson_event("complete", state=state, **extra)
        else:
            self.line(f"\n{BAR}\n✓ Completed\n{BAR}\nFinal state: {as_json(state)}")
            if event.get("output") is not None:
                self.line(f"Output: {as_json(event['output'])}")
        if self.manner.output:
            write_output(
                self.manner.output, state, told=not (self.manner.stream or self.manner.quiet)
            )
        matched = check_fail_on_state(state, self.manner.fail_on)
        if matched:
            say(f"Exit condition matched: {matched}")
            self.status = FAILED

    def line(self, text: str) -> None:
        """Print for people, unless they asked for quiet."""
        if not self.manner.quiet and not self.manner.stream:
            tell(text)

    # ------------------------------------------------------------------ inside
    def _told(self, events: Iterator[Event]) -> Iterator[Event]:
        """Yield events; what nodes print does not get between the lines that programs read."""
        if not self.manner.stream:
            yield from events
            return
        while True:
            with redirect_stdout(sys.stderr):
                event = next(events, None)
            if event is None:
                return
            yield event

    def _beat(self, event: Event) -> None:
        kind, node = event["type"], str(event.get("node"))
        if kind == "state":
            emit_heartbeat(node, self.watch.lap(node))
        elif kind == "error":
            emit_heartbeat(node, self.watch.lap(node), failed=True)
        elif kind in ("parallel_state", "parallel_error"):
            failed = kind == "parallel_error"
            emit_heartbeat(parallel_branch_label(event), self.watch.lap(node), failed=failed)

    def _answer(self, event: Event) -> tuple[State | None, str | None]:
        """Decide how a run that waits goes on: (changes, checkpoint), no checkpoint to stop."""
        checkpoint: str | None = event.get("checkpoint_path")
        if checkpoint is None:
            say("Error: The run waits, but its checkpoint could not be saved")
            self.status = FAILED
            return None, None
        if self.manner.auto_continue:
            self.line("   (auto-continuing...)")
            return None, checkpoint
        if self.manner.interactive or (at_terminal() and not self.manner.stream):
            with self.pause():
                return ask(event)
        say(f"   Checkpoint saved: {checkpoint}")
        words = ["tea", "resume", str(checkpoint), "--workflow", self.manner.file]
        journal = (self.loaded.definition.get("settings") or {}).get("journal")
        if isinstance(journal, str) and not Path(str(checkpoint)).is_file():
            words += ["--journal", journal]
        say(f"   Resume with: {shlex.join(words)}")
        return None, None


@contextmanager
def ended_by(following: Following) -> Iterator[None]:
    """End a command as its run ends: an error is told, Ctrl-C is 130, the engine is closed."""
    try:
        yield
    except KeyboardInterrupt:
        say("Interrupted.")
        raise typer.Exit(INTERRUPTED) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        logging.getLogger("the_edge_agent.cli").debug("the run failed", exc_info=True)
        node = _NODE.match(str(error))
        following.error({"node": node[1] if node else following.node, "error": str(error)})
    finally:
        following.loaded.engine.close()


_NODE = re.compile(r"Error in node '([^']*)'")


def write_output(path: str, state: State, *, told: bool = True) -> None:
    """Write the final state as JSON."""
    write_file(path, as_json(state) + "\n")
    if told:
        tell(f"Output written to: {path}")


def set_verbosity(verbose: int) -> None:
    """Let the engine's log be heard on standard error: once INFO, twice DEBUG."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_Line())
    if verbose:
        level = logging.DEBUG if verbose > 1 else logging.INFO
        logging.basicConfig(level=level)
        for handler in logging.getLogger().handlers:
            handler.setFormatter(_Line("%(levelname)s %(name)s: %(message)s"))
        logging.getLogger("the_edge_agent").setLevel(level)


class _Line(logging.Formatter):
    """What is logged cannot steer the terminal either."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


_TELL: dict[str, Any] = {
    "state": Following.state,
    "parallel_error": Following.branch_error,
    "error": Following.error,
    "validation_error": Following.refusal,
    "http_response": Following.response,
    "interrupt": Following.interrupt,
    "interrupt_before": Following.interrupt,
    "interrupt_after": Following.interrupt,
    "final": Following.final,
}
