"""The command `tea run`: runs an agent file, or a drawing in DOT, to its end."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import typer

from codeanatomy.cli.tea.debug_state import StateFiles
from codeanatomy.cli.tea.following import Following, Manner, ended_by, set_verbosity
from codeanatomy.cli.tea.heartbeat import Stopwatch
from codeanatomy.cli.tea.inputs import deep_merge, parse_input
from codeanatomy.cli.tea.ndjson import emit_ndjson_event
from codeanatomy.cli.tea.options import RunOptions, takes
from codeanatomy.cli.tea.say import BAR, as_json, fail
from codeanatomy.cli.tea.workflow_file import Wanted, load, merged_definition, wanted_of

if TYPE_CHECKING:
    from codeanatomy.cli.tea.workflow_file import Loaded

State = dict[str, Any]


@takes(RunOptions)
def run(options: RunOptions) -> None:
    """Run an agent file to its end and print the final state."""
    set_verbosity(options.verbose)
    _exclude(options)
    manner = Manner.of(options, options.file or "")
    if options.from_dot is not None:
        from codeanatomy.cli.tea.dot_mode import run_drawing  # noqa: PLC0415 - only for drawings

        run_drawing(options)
        return
    if options.file is None:
        fail("Error: Workflow file required (or use --from-dot for DOT files)")
    wanted = wanted_of(options, options.file)
    if options.dump_merged:
        _dump(wanted)
        return
    given = parse_input(options.input, options.state, options.state_file)
    loaded = load(wanted)
    start = _initial(loaded, given)
    sources = (options.input, options.state, options.state_file)
    from_outside = any(one is not None for one in sources)
    if options.entry_point is not None or options.exit_point is not None:
        from codeanatomy.cli.tea.scoped import run_scoped  # noqa: PLC0415 - only for a part

        run_scoped(loaded, start, options, given=from_outside)
        return
    files = StateFiles(options.debug_state) if options.debug_state else None
    progress = _progress(loaded, options)
    following = Following(loaded, manner, _watch(loaded, progress))
    following.pause = getattr(progress, "paused", nullcontext)
    with ended_by(following):
        going_on = not from_outside and not start and _is_unfinished(loaded, options.thread)
        _begin(following, start, options.thread if going_on else None)
        with progress or nullcontext():
            for event in following.events(None if going_on else start):
                # TEA-DX-001.3: --debug-state per-node JSON dumps
                if files is not None and event["type"] in ("state", "error"):
                    files.note(event)
                following.tell(event)
                # TEA-CLI-006: Process graph progress events from engine queue
                if progress is not None:
                    progress.heard(event)
    raise typer.Exit(following.status)


def _exclude(options: RunOptions) -> None:
    for name in ("interactive", "show_graph"):
        if options.stream and getattr(options, name):
            flag = "--" + name.replace("_", "-")
            fail(f"Error: {flag} and --stream are mutually exclusive")


def _dump(wanted: Wanted) -> None:
    import yaml  # noqa: PLC0415 - only here

    definition, _ = merged_definition(wanted, dumped=True)
    text = yaml.safe_dump(definition, sort_keys=False, default_flow_style=False, allow_unicode=True)
    typer.echo(text, nl=False)


def _initial(loaded: Loaded, given: State) -> State:
    initial = loaded.definition.get("initial_state")
    start: State = {}
    if isinstance(initial, dict):
        deep_merge(start, initial)
    return deep_merge(start, given)


def _progress(loaded: Loaded, options: RunOptions) -> Any:  # noqa: ANN401 - a view, or None
    if options.show_graph:
        from codeanatomy.cli.tea.progress import GraphProgress  # noqa: PLC0415 - only when asked for

        return GraphProgress(loaded.graph)
    if options.live:
        from codeanatomy.workflow.show.live import LiveRun  # noqa: PLC0415 - brings rich

        return LiveRun(str(loaded.definition.get("name") or loaded.path.name))
    return None


def _watch(loaded: Loaded, progress: Any) -> Stopwatch:  # noqa: ANN401 - as above
    watch = Stopwatch(getattr(progress, "started", None))
    if progress is not None:
        watch.watch(loaded.graph)
    return watch


def _is_unfinished(loaded: Loaded, thread: str | None) -> bool:
    """Tell whether the last run of a thread crashed, failed or waits."""
    if thread is None or loaded.graph.journal is None:
        return False
    runs = loaded.graph.journal.runs(thread)
    return bool(runs) and runs[-1].status != "final"


def _begin(following: Following, start: State, thread: str | None) -> None:
    """Say what is run; `thread` where its last run goes on."""
    if following.manner.stream:
        if thread is None:
            emit_ndjson_event("start", workflow=following.manner.file)
        else:
            emit_ndjson_event("resume", workflow=following.manner.file, thread=thread)
        return
    following.line(f"{BAR}\nRunning agent from: {following.manner.file}\n{BAR}")
    if thread is not None:
        following.line(f"\nGoing on with thread: {thread}\n")
    following.line(f"\nInitial state: {as_json(start)}\n" if start else "")
