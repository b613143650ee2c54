"""The options of `tea run` and `tea resume`, one a row, and how a row becomes an option."""

from __future__ import annotations

import functools
import inspect
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

from typer import Argument, Option

if TYPE_CHECKING:
    from collections.abc import Callable

Rows = TypeVar("Rows")

Text = str | None
Texts = list[str] | None
CacheDir = Annotated[Text, Option("--cache-dir", help="Where fetched files are kept.")]
JournalUri = Annotated[
    Text, Option("--journal", envvar="TEA_JOURNAL", help="The journal: a file or a URI.")
]


@dataclass(frozen=True, kw_only=True)
class Loading:
    """What belongs to the agent file that is loaded."""

    overlay: Annotated[
        Texts, Option("--overlay", "-f", help="A YAML file put on top; may be repeated.")
    ] = None
    secrets: Annotated[Text, Option("--secrets", help="A JSON object, or @FILE.")] = None
    secrets_env: Annotated[
        Text, Option("--secrets-env", metavar="PREFIX", help="Environment names that begin so.")
    ] = None
    secrets_backend: Annotated[
        Text, Option("--secrets-backend", help="Where secrets come from: env, aws ...")
    ] = None
    secrets_backend_opts: Annotated[
        Text, Option("--secrets-backend-opts", help="Its options, a JSON object.")
    ] = None
    actions_module: Annotated[
        Texts, Option("--actions-module", help="A module with register_actions(registry, engine).")
    ] = None
    actions_file: Annotated[Texts, Option("--actions-file", help="A file with the same.")] = None
    trace_file: Annotated[Text, Option("--trace-file", help="Trace every node to a file.")] = None
    journal: JournalUri = None
    backend: Annotated[Text, Option("--backend", help="Models: local, api or auto.")] = None
    gguf: Annotated[Text, Option("--gguf", help="A local model file.")] = None
    cache_dir: CacheDir = None
    no_cache: Annotated[bool, Option("--no-cache", help="Fetch remote files anew.")] = False
    cache_only: Annotated[bool, Option("--cache-only", help="Fetch nothing.")] = False


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What is told of a run, and what it ends with."""

    stream: Annotated[bool, Option("--stream", "-s", help="Print events as JSON lines.")] = False
    quiet: Annotated[bool, Option("--quiet", "-q", help="Print errors only.")] = False
    verbose: Annotated[int, Option("--verbose", "-v", count=True, help="Log; -vv: all.")] = 0
    heartbeat: Annotated[
        bool, Option("--heartbeat", help="Say on standard error when each node is done.")
    ] = False
    auto_continue: Annotated[
        bool, Option("--auto-continue", help="Go on at interrupts without asking.")
    ] = False
    output: Annotated[Text, Option("--output", "-o", help="Write the final state here.")] = None
    fail_on_state: Annotated[
        Texts, Option("--fail-on-state", metavar="KEY=VALUE", help="Exit 1 when it ends so.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What belongs to a drawing in DOT that is run."""

    from_dot: Annotated[Text, Option("--from-dot", help="Run a drawing in DOT.")] = None
    dot_session: Annotated[Text, Option("--dot-session", help="The tmux session.")] = None
    dot_workflow: Annotated[
        Text, Option("--dot-workflow", help="Run this agent file for every node.")
    ] = None
    dot_exec: Annotated[str, Option("--dot-exec", help="The program that runs it.")] = "tea"
    dot_arg: Annotated[str, Option("--dot-arg", help="The input's key for the label.")] = "arg"
    dot_input: Annotated[Text, Option("--dot-input", help="More input, a JSON object.")] = None
    dot_max_parallel: Annotated[
        int, Option("--dot-max-parallel", min=1, help="Nodes that run at once.")
    ] = 3
    dot_start_wave: Annotated[
        int | None, Option("--dot-start-wave", min=1, help="Skip the waves before.")
    ] = None
    dot_start_step: Annotated[
        int | None, Option("--dot-start-step", min=1, help="Skip the steps before.")
    ] = None
    dot_start_from: Annotated[
        Text, Option("--dot-start-from", help="Begin at the node with this label.")
    ] = None
    dot_dry_run: Annotated[
        bool, Option("--dot-dry-run", "--dry-run", help="Print the plan, and end.")
    ] = False
    dot_no_stop: Annotated[
        bool, Option("--dot-no-stop-on-failure", help="Go on after a failed phase.")
    ] = False
    dot_no_tmux: Annotated[
        bool, Option("--dot-no-tmux", help="Run plain processes, not tmux windows.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class RunOptions(Loading, Telling, Drawn):
    """What `tea run` takes."""

    file: Annotated[Text, Argument(help="The agent file (YAML), or its address.")] = None
    input: Annotated[
        Text, Option("--input", "-i", help="The state to start from: JSON, or @FILE.")
    ] = None
    state: Annotated[Text, Option("--state", hidden=True)] = None
    state_file: Annotated[Text, Option("--state-file", hidden=True)] = None
    checkpoint_dir: Annotated[
        Text, Option("--checkpoint-dir", "-c", help="Where checkpoints are written.")
    ] = None
    interrupt_before: Annotated[
        Text, Option("--interrupt-before", help="Wait before these nodes: a,b.")
    ] = None
    interrupt_after: Annotated[
        Text, Option("--interrupt-after", help="Wait after these nodes: a,b.")
    ] = None
    interactive: Annotated[bool, Option("--interactive", "-I", help="Ask at every interrupt.")] = (
        False
    )
    entry_point: Annotated[Text, Option("--entry-point", help="Begin at this node.")] = None
    exit_point: Annotated[Text, Option("--exit-point", help="Stop before this node.")] = None
    dump_merged: Annotated[
        bool, Option("--dump-merged", help="Print the file with its overlays, and end.")
    ] = False
    debug_state: Annotated[
        Text, Option("--debug-state", metavar="DIR", help="Write the state of every step.")
    ] = None
    show_graph: Annotated[
        bool, Option("--show-graph", "-g", help="Show the graph while it runs.")
    ] = False
    live: Annotated[bool, Option("--live", help="Show nodes, branches and times.")] = False
    thread: Annotated[
        Text,
        Option("--thread", help="Of the journal; without an input its unfinished run goes on."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class ResumeOptions(Loading, Telling):
    """What `tea resume` takes."""

    checkpoint: Annotated[str, Argument(help="The checkpoint, as the interrupt named it.")]
    workflow: Annotated[str, Option("--workflow", "-w", help="The agent file it is of.")]
    input: Annotated[
        Text, Option("--input", "-i", help="Changes to the state: JSON, or @FILE.")
    ] = None
    keep_interrupts: Annotated[
        bool, Option("--keep-interrupts", help="Wait at the file's interrupts again.")
    ] = False


def takes(rows: type[Rows]) -> Callable[[Callable[[Rows], None]], Callable[..., None]]:
    """Make a command of a function of `rows`: each row an option, its own come first."""
    hints = get_type_hints(rows, include_extras=True)
    own = rows.__annotations__
    order = sorted(fields(rows), key=lambda field: field.name not in own)  # type: ignore[arg-type]  # a dataclass
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter(
            field.name,
            keyword,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in order
    ]

    def decorate(run: Callable[[Rows], None]) -> Callable[..., None]:
        @functools.wraps(run)
        def command(**given: Any) -> None:  # noqa: ANN401 - what typer read
            run(rows(**given))

        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
        command.__annotations__ = {p.name: p.annotation for p in parameters}
        return command

    return decorate


def names(text: str | None) -> list[str]:
    """Split a comma-separated list of names."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]
