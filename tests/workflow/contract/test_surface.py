"""Every public name is there and is called as the API promises."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from typing import Any

import pytest
import the_edge_agent

SURFACE = """\
class StateGraph (state_schema: Dict[str, Any], raise_exceptions: bool = False, max_workers:
        Optional[int] = None, log_level: int = 30, log_state_values: bool = False, parallel_config:
        Optional[ParallelConfig] = None)
   . add_node (self, node: str, run: Optional[Callable[..., Any]] = None) -> None
   . add_edge (self, in_node: str, out_node: str) -> None
   . add_conditional_edges (self, in_node: str, func: Callable[..., Any], cond: Dict[Any, str])
        -> None
   . add_parallel_edge (self, in_node: str, out_node: str, fan_in_node: str, config:
        Optional[ParallelConfig] = None) -> None
   . add_fanin_node (self, node: str, run: Optional[Callable[..., Any]] = None) -> None
   . invoke (self, input_state: Optional[Dict[str, Any]] = None, config: Optional[Dict[str,
        Any]] = None, checkpoint: Optional[str] = None) -> Generator[event]
   . set_entry_point (self, init_state: str) -> None
   . set_finish_point (self, final_state: str) -> None
   . compile (self, interrupt_before: List[str] = [], interrupt_after: List[str] = [],
        checkpoint_dir: Optional[str] = None, checkpointer: Optional[Any] = None, parallel_config:
        Optional[ParallelConfig] = None, parallel_callbacks: Optional[List[ParallelFlowCallback]] =
        None, max_active_threads: Optional[int] = None, circuit_breaker_scope: str = 'graph') ->
        'StateGraph'
   . execute_scoped (self, initial_state: Dict[str, Any], entry_point: str, exit_point: str,
        config: Optional[Dict[str, Any]] = None) -> Dict[str, Any]
   . validate_remote_scope (self, entry_point: str, exit_point: str) -> List[str]
   . node (self, node_name: str) -> Dict[str, Any]
   . edge (self, in_node: str, out_node: str) -> Dict[str, Any]
   . successors (self, node: str) -> List[str]
   . stream (self, input_state: Optional[Dict[str, Any]] = None, config: Optional[Dict[str,
        Any]] = None, checkpoint: Optional[str] = None) -> Generator[event]
   . reset_circuit (self, branch: Optional[str] = None) -> None
   . reset_all_circuits (self) -> None
   . get_circuit_states (self) -> Dict[str, Dict[str, Any]]
val START '__start__'
val END '__end__'
class YAMLEngine (actions_registry: Optional[Dict[str, Callable]] = None, enable_tracing:
        bool = True, trace_exporter: Union[str, List[Any], NoneType] = None, trace_file:
        Optional[str] = None, trace_callback: Optional[Callable[[Dict[str, Any]], NoneType]] = None,
        trace_verbose: bool = False, memory_backend: Optional[Any] = None, enable_code_execution:
        bool = False, ltm_backend: Optional[Any] = None, enable_ltm: bool = True, ltm_path:
        Optional[str] = None, ltm_backend_type: str = 'sqlite', ltm_config: Optional[Dict[str, Any]]
        = None, graph_backend: Optional[Any] = None, enable_graph: bool = True, graph_path:
        Optional[str] = None, graph_backend_type: Optional[str] = None, metadata_store:
        Optional[Any] = None, enable_metadata_store: bool = True, blob_storage: Optional[Any] =
        None, enable_blob_storage: bool = True, query_engine: Optional[Any] = None,
        enable_query_engine: bool = True, vector_index: Optional[Any] = None, enable_vector_index:
        bool = True, embedding_fn: Optional[Callable[[str], List[float]]] = None, lua_enabled: bool
        = False, lua_timeout: float = 30.0, prolog_enabled: bool = False, prolog_timeout: float =
        30.0, prolog_sandbox: bool = True)
   . (prop) memory_backend
   . (prop) ltm_backend
   . (prop) graph_backend
   . (prop) metadata_store
   . (prop) blob_storage
   . (prop) query_engine
   . (prop) vector_index
   . (prop) embedding_fn
   . (prop) observability_context
   . (prop) endpoint_config
   . close (self) -> None
   . get_memory_state (self) -> Dict[str, Any]
   . restore_memory_state (self, state: Dict[str, Any]) -> None
   . clear_memory (self, namespace: Optional[str] = None) -> int
   . load_from_file (self, yaml_path: str, checkpoint: Optional[str] = None, checkpointer:
        Optional[Any] = None) -> StateGraph
   . load_from_dict (self, config: Dict[str, Any], checkpoint: Optional[str] = None,
        checkpointer: Optional[Any] = None, yaml_dir: Optional[str] = None) -> StateGraph
   . resume_from_checkpoint (self, yaml_path: str, checkpoint_path: str, config:
        Optional[Dict[str, Any]] = None) -> Generator[event]
   . get_mermaid_graph (self) -> Optional[str]
class MemoryCheckpointer () -> None
   . save (self, checkpoint_id: str, state: Dict[str, Any], node: str, config:
        Optional[Dict[str, Any]] = None) -> str
   . load (self, checkpoint_id: str) -> Dict[str, Any]
   . list (self) -> List[str]
   . delete (self, checkpoint_id: str) -> None
   . clear (self) -> None
class HTTPResponse (status: int = 200, body: Any = None, headers: Optional[Dict[str, str]] =
        None, content_type: str = 'application/json')
   . to_dict (self) -> Dict[str, Any]
class ParallelConfig (timeout_seconds: Optional[float] = None, timeout_total:
        Optional[float] = None, fail_fast: bool = False, retry_policy: Optional[RetryPolicy] = None,
        circuit_breaker: Optional[CircuitBreakerConfig] = None, include_traceback: bool = False,
        strategy: str = 'thread', max_workers: Optional[int] = None, remote_config: Optional[Any] =
        None) -> None
class ParallelFlowResult (branch: str, success: bool, state: Optional[Dict[str, Any]] =
        None, error: Optional[str] = None, error_type: Optional[str] = None, traceback:
        Optional[str] = None, timeout: bool = False, timing_ms: float = 0.0, retry_count: int = 0,
        circuit_state: Optional[str] = None, attempt_errors: List[Dict[str, Any]] = <factory>,
        exit_code: Optional[int] = None) -> None
   . get (self, key: str, default: Any = None) -> Any
   . keys (self) -> List[str]
   . to_dict (self) -> Dict[str, Any]
   . from_success (cls, branch: str, state: Dict[str, Any], timing_ms: float, retry_count: int
        = 0, circuit_state: Optional[str] = None) -> 'ParallelFlowResult'
   . from_error (cls, branch: str, exception: Exception, state: Optional[Dict[str, Any]],
        timing_ms: float, include_traceback: bool = False, retry_count: int = 0, attempt_errors:
        Optional[List[Dict[str, Any]]] = None, circuit_state: Optional[str] = None) ->
        'ParallelFlowResult'
   . from_timeout (cls, branch: str, state: Optional[Dict[str, Any]], timing_ms: float,
        timeout_seconds: float, retry_count: int = 0, circuit_state: Optional[str] = None) ->
        'ParallelFlowResult'
   . from_circuit_open (cls, branch: str, circuit_name: str) -> 'ParallelFlowResult'
class RetryPolicy (max_retries: int = 0, base_delay: float = 1.0, max_delay: float = 60.0,
        backoff_multiplier: float = 2.0, retry_on: Optional[Set[Type[Exception]]] = None,
        max_stored_errors: int = 5) -> None
   . should_retry (self, exception: Exception, attempt: int) -> bool
   . get_delay (self, attempt: int) -> float
class CircuitBreaker (config: CircuitBreakerConfig, name: Optional[str] = None)
   . (prop) state
   . (prop) failure_count
   . allow_request (self) -> bool
   . record_success (self) -> None
   . record_failure (self) -> None
   . reset (self) -> None
   . add_state_change_callback (self, callback: Callable[[CircuitState, CircuitState],
        NoneType]) -> None
   . get_state_info (self) -> Dict[str, Any]
class CircuitBreakerConfig (failure_threshold: int = 5, reset_timeout: float = 30.0,
        half_open_max_calls: int = 1) -> None
class CircuitBreakerRegistry (scope: str = 'graph')
   . get_or_create (self, name: str, config: CircuitBreakerConfig) -> CircuitBreaker
   . reset_circuit (self, name: Optional[str] = None) -> None
   . reset_all_circuits (self) -> None
   . get_circuit_states (self) -> Dict[str, Dict[str, Any]]
   . get_circuit (self, name: str) -> Optional[CircuitBreaker]
class CircuitState (value, names=None, *, module=None, qualname=None, type=None, start=1,
        boundary=None)
class CircuitOpenError (circuit_name: str)
class RetryExhaustedError (branch: str, attempts: int, errors: List[Dict[str, Any]])
class CancellationToken ()
   . cancel (self) -> None
   . is_cancelled (self) -> bool
   . reset (self) -> None
   . wait (self, timeout: Optional[float] = None) -> bool
class ParallelFlowCallback (*args, **kwargs)
   . on_flow_start (self, context: 'ParallelFlowContext') -> None
   . on_flow_complete (self, context: 'ParallelFlowContext', result: ParallelFlowResult) -> None
   . on_flow_error (self, context: 'ParallelFlowContext', error: Exception, attempt: int) -> None
   . on_flow_timeout (self, context: 'ParallelFlowContext', timeout_seconds: float) -> None
   . on_flow_retry (self, context: 'ParallelFlowContext', attempt: int, delay: float, error:
        Exception) -> None
   . on_circuit_state_change (self, context: 'ParallelFlowContext', old_state: CircuitState,
        new_state: CircuitState) -> None
class ParallelFlowContext (branch: str, fan_in_node: str, state_snapshot: Dict[str, Any],
        start_time: float, config: Optional[ParallelConfig] = None, graph_name: Optional[str] =
        None) -> None
class CallbackManager (callbacks: Optional[List[ParallelFlowCallback]] = None, timeout:
        float = 5.0, error_policy: str = 'log')
   . add_callback (self, callback: ParallelFlowCallback) -> None
   . remove_callback (self, callback: ParallelFlowCallback) -> None
   . add_error_handler (self, handler: Callable[[ParallelFlowCallback, Exception], NoneType])
        -> None
   . fire_event (self, method_name: str, *args: Any, **kwargs: Any) -> None
   . fire_flow_start (self, context: ParallelFlowContext) -> None
   . fire_flow_complete (self, context: ParallelFlowContext, result: ParallelFlowResult) -> None
   . fire_flow_error (self, context: ParallelFlowContext, error: Exception, attempt: int) -> None
   . fire_flow_timeout (self, context: ParallelFlowContext, timeout_seconds: float) -> None
   . fire_flow_retry (self, context: ParallelFlowContext, attempt: int, delay: float, error:
        Exception) -> None
   . fire_circuit_state_change (self, context: ParallelFlowContext, old_state: CircuitState,
        new_state: CircuitState) -> None
class ParallelExecutor (*args, **kwargs)
   . (prop) strategy
   . (prop) max_workers
   . submit (self, fn: Callable[..., Any], *args: Any, **kwargs: Any) ->
        concurrent.futures._base.Future
   . submit_flow (self, task: FlowTask, flow_runner: Callable[..., Any]) -> ExecutorResult
   . validate_state (self, state: Dict[str, Any], flow_index: int = 0) -> None
class ThreadExecutor (max_workers: Optional[int] = None)
   . (prop) strategy
   . (prop) max_workers
   . submit (self, fn: Callable[..., Any], *args: Any, **kwargs: Any) ->
        concurrent.futures._base.Future
   . submit_flow (self, task: FlowTask, flow_runner: Callable[..., Any]) -> ExecutorResult
   . validate_state (self, state: Dict[str, Any], flow_index: int = 0) -> None
class ProcessExecutor (max_workers: Optional[int] = None)
   . (prop) strategy
   . (prop) max_workers
   . submit (self, fn: Callable[..., Any], *args: Any, **kwargs: Any) ->
        concurrent.futures._base.Future
   . submit_flow (self, task: FlowTask, flow_runner: Callable[..., Any]) -> ExecutorResult
   . validate_state (self, state: Dict[str, Any], flow_index: int = 0) -> None
   . execute (self, flows: List[Dict[str, Any]], config: ParallelConfig, stream_registry:
        Optional[Any] = None) -> List[ParallelFlowResult]
class FlowTask (branch: str, flow_func: Callable[..., Any], state: Dict[str, Any], config:
        Dict[str, Any], fan_in_node: str, parallel_config: ParallelConfig, start_time: float) ->
        None
class ExecutorResult (future: concurrent.futures._base.Future, branch: str, parallel_config:
        ParallelConfig, start_time: float) -> None
class PickleValidationError (key: str, flow_index: int, original_error: Exception)
def get_executor (strategy: str = 'thread', max_workers: Optional[int] = None) -> ParallelExecutor
def register_executor (name: str, executor_class: type) -> None
def available_strategies () -> List[str]
class TraceContext (exporters: Optional[List[Any]] = None)
   . start_span (self, name: str, metadata: Optional[Dict[str, Any]] = None, parent_id:
        Optional[str] = None) -> Dict[str, Any]
   . current_span (self) -> Optional[Dict[str, Any]]
   . log_event (self, message: Optional[str] = None, event: Optional[Dict[str, Any]] = None,
        metrics: Optional[Dict[str, Any]] = None, snapshot_state: bool = False, state:
        Optional[Dict[str, Any]] = None, sanitize_keys: Optional[List[str]] = None) ->
        Optional[Dict[str, Any]]
   . end_span (self, status: str = 'ok', error: Optional[str] = None) -> Optional[Dict[str, Any]]
   . clear (self) -> None
class TraceExporter (*args, **kwargs)
   . export (self, span: Dict[str, Any]) -> None
class ConsoleExporter (verbose: bool = False)
   . export (self, span: Dict[str, Any]) -> None
class FileExporter (path: str, strip_llm_payload: bool = True)
   . export (self, span: Dict[str, Any]) -> None
class CallbackExporter (callback: Callable[[Dict[str, Any]], NoneType])
   . export (self, span: Dict[str, Any]) -> None
class LlmPayloadFileExporter (path: str, compress: Optional[str] = None)
   . export (self, span: Dict[str, Any]) -> None
class AsyncFileExporter (wrapped_exporter: Any, queue_size: int = 1000, flush_interval_s:
        float = 5.0, batch_size: int = 50, overflow_policy: str = 'drop_newest', shutdown_timeout_s:
        float = 30.0)
   . (prop) queue_depth
   . (prop) worker_alive
   . export (self, span: Dict[str, Any]) -> None
   . close (self, timeout: Optional[float] = None) -> None
val LLM_PAYLOAD_KEY 'llm_payload'
val PII_WARNING_HEADER '# WARNING: contains LLM request/response payloads. May contain PII
        (names, financial data, identifi'
class LlmPayloadSpan
def replace_binary_payloads (value: Any) -> Any
class ObservabilityContext (flow_id: Optional[str] = None, config: Optional[Dict[str, Any]]
        = None, trace_context: Optional[TraceContext] = None)
   . log (self, node: str, level: str, event_type: str, message: Optional[str] = None, data:
        Optional[Dict[str, Any]] = None, metrics: Optional[Dict[str, Any]] = None) -> None
   . start_node_span (self, node: str, metadata: Optional[Dict[str, Any]] = None) -> str
   . end_node_span (self, node: str, status: str = 'ok', error: Optional[str] = None) ->
        Optional[Dict[str, Any]]
   . get_flow_log (self) -> Dict[str, Any]
   . (prop) trace_context
   . (prop) event_stream
class EventStream (max_size: int = 1000, handlers: Optional[List[EventStreamHandler]] = None)
   . append (self, event: Dict[str, Any]) -> None
   . get_all (self) -> List[Dict[str, Any]]
   . query (self, filters: Dict[str, Any]) -> List[Dict[str, Any]]
   . clear (self) -> None
class EventStreamHandler (*args, **kwargs)
   . handle (self, event: Dict[str, Any]) -> None
class ConsoleHandler (verbose: bool = False)
   . handle (self, event: Dict[str, Any]) -> None
class FileHandler (path: str)
   . handle (self, event: Dict[str, Any]) -> None
class CallbackHandler (callback: Callable[[Dict[str, Any]], NoneType])
   . handle (self, event: Dict[str, Any]) -> None
class MemoryBackend (*args, **kwargs)
   . store (self, key: str, value: Any, ttl: Optional[float] = None, namespace: str =
        'default') -> bool
   . retrieve (self, key: str, namespace: str = 'default') -> Optional[Any]
   . delete (self, key: str, namespace: str = 'default') -> bool
   . exists (self, key: str, namespace: str = 'default') -> bool
   . clear (self, namespace: Optional[str] = None) -> int
   . get_state (self) -> Dict[str, Any]
   . restore_state (self, state: Dict[str, Any]) -> None
class InMemoryBackend ()
   . store (self, key: str, value: Any, ttl: Optional[float] = None, namespace: str =
        'default') -> bool
   . retrieve (self, key: str, namespace: str = 'default') -> Optional[Any]
   . delete (self, key: str, namespace: str = 'default') -> bool
   . exists (self, key: str, namespace: str = 'default') -> bool
   . clear (self, namespace: Optional[str] = None) -> int
   . get_state (self) -> Dict[str, Any]
   . restore_state (self, state: Dict[str, Any]) -> None
class LongTermMemoryBackend ()
   . store (self, key: str, value: Any, metadata: Optional[Dict[str, Any]] = None) -> Dict[str, Any]
   . retrieve (self, key: str, default: Any = None) -> Dict[str, Any]
   . delete (self, key: str) -> Dict[str, Any]
   . search (self, query: Optional[str] = None, metadata_filter: Optional[Dict[str, Any]] =
        None, limit: int = 10) -> Dict[str, Any]
   . close (self) -> None
   . iterate_all (self)
   . transaction (self) -> 'LTMTransaction'
class SQLiteBackend (db_path: str = ':memory:')
   . store (self, key: str, value: Any, metadata: Optional[Dict[str, Any]] = None) -> Dict[str, Any]
   . retrieve (self, key: str, default: Any = None) -> Dict[str, Any]
   . delete (self, key: str) -> Dict[str, Any]
   . search (self, query: Optional[str] = None, metadata_filter: Optional[Dict[str, Any]] =
        None, limit: int = 10) -> Dict[str, Any]
   . close (self) -> None
def dot_to_stategraph (dot_source: str, command_timeout: int = 3600, working_directory:
        Optional[str] = None, raise_exceptions: bool = True) -> 'StateGraph'
def run_dot (dot_source: str, initial_state: Optional[Dict[str, Any]] = None,
        command_timeout: int = 3600, working_directory: Optional[str] = None) -> Dict[str, Any]
def parse_dot (file_path: str) -> the_edge_agent.dot_parser.ParsedGraph
def parse_dot_string (content: str, default_name: str = 'workflow') ->
        the_edge_agent.dot_parser.ParsedGraph
def analyze_graph (parsed: the_edge_agent.dot_parser.ParsedGraph, allow_cycles: bool =
        False) -> the_edge_agent.dot_parser.AnalyzedGraph
def dot_to_yaml (file_path: str, command_template: str, output_path: Optional[str] = None,
        max_concurrency: int = 3, workflow_name: Optional[str] = None, use_tmux: bool = False,
        tmux_session: Optional[str] = None, validate: bool = False, use_node_commands: bool = False,
        allow_cycles: bool = False, tea_executable: Optional[str] = None, subprocess_timeout: int =
        900) -> str
"""
MODULES = (
    "actions checkpointers cli dot_parser exceptions memory observability parallel"
    " parallel_executors schema schema.deep_merge serialization stategraph tracing validation"
    " yaml_engine"
).split()
CLI = (
    "IMPLEMENTATION app check_fail_on_state deep_merge emit_heartbeat emit_ndjson_event"
    " format_duration load_checkpoint load_cli_actions parallel_branch_label parse_fail_on_state"
    " parse_input parse_secrets resolve_file_url run"
).split()
_ROW = re.compile(r"(?P<kind>class|def|val|\.) ?(?P<prop>\(prop\) )?(?P<name>\w+) ?(?P<rest>.*)")


def rows() -> list[tuple[str, str, str]]:
    """Read the reference: (kind, dotted name, parameters as written)."""
    found, owner = [], ""
    text = re.sub(r"\n {8}", " ", SURFACE)
    for line in text.strip().splitlines():
        match = _ROW.match(line.strip())
        assert match, line
        kind = "prop" if match["prop"] else {".": "method"}.get(match["kind"], match["kind"])
        name = match["name"]
        if kind == "class":
            owner = name
        dotted = f"{owner}.{name}" if kind in ("prop", "method") else name
        found.append((kind, dotted, match["rest"]))
    return found


ROWS = rows()


def resolved(dotted: str) -> Any:  # noqa: ANN401 - a class, a function, a value
    """Find a public name."""
    owner, _, name = dotted.partition(".")
    found = getattr(the_edge_agent, owner)
    return inspect.getattr_static(found, name) if name else found


def parameters(text: str) -> list[tuple[str, str | None]]:
    """Split a signature into names and the texts of their defaults."""
    inside = text[text.index("(") + 1 :]
    depth, quote, piece, pieces = 1, "", "", []
    for letter in inside:
        quote = "" if letter == quote else quote or (letter if letter in "\"'" else "")
        if not quote:
            depth += (letter in "([{") - (letter in ")]}")
            if depth == 0:
                break
            if letter == "," and depth == 1:
                pieces.append(piece)
                piece = ""
                continue
        piece += letter
    split = [one.strip() for one in (*pieces, piece) if one.strip()]
    return [_parameter(one) for one in split if not one.startswith("*")]


def _parameter(text: str) -> tuple[str, str | None]:
    head, sign, default = text.partition(" = ")
    return head.partition(":")[0].strip(), default if sign else None


def shown(default: Any) -> str:  # noqa: ANN401 - any default
    """Write a default as the reference writes it."""
    return repr([]) if default == () else repr(default)


@pytest.mark.parametrize(("kind", "name", "text"), ROWS, ids=[row[1] for row in ROWS])
def test_a_public_name_is_called_as_promised(kind: str, name: str, text: str) -> None:
    """Names of parameters, their order and their defaults are those of the reference."""
    found = resolved(name)
    if kind == "val":
        assert repr(found).startswith(text.rstrip("'")), name
        return
    if kind == "prop":
        assert not inspect.isfunction(found)
        return
    if not text or "*args, **kwargs" in text or name == "CircuitState":
        return  # a protocol, an enum, a typed dict: nothing is said of how it is made
    callee = getattr(found, "__func__", found)
    promised = parameters(text)
    taken = inspect.signature(callee).parameters
    for (parameter, default), (ours, spec) in zip(promised, taken.items(), strict=False):
        assert parameter == ours, f"{name}: {list(taken)}"
        if default is not None and default != "<factory>":
            assert shown(spec.default) == default, f"{name}({parameter})"
        if default is None:
            assert spec.default is inspect.Parameter.empty, f"{name}({parameter})"
    assert len(taken) >= len(promised)
    for spec in list(taken.values())[len(promised) :]:
        optional = spec.default is not inspect.Parameter.empty
        assert optional or spec.kind in (spec.VAR_KEYWORD, spec.VAR_POSITIONAL), f"{name}({spec})"


def test_every_name_is_listed() -> None:
    """`dir()` and `__all__` know every public name."""
    names = {name for kind, name, _ in ROWS if kind in ("class", "def", "val")}
    assert names <= set(the_edge_agent.__all__)
    assert names <= set(dir(the_edge_agent))


@pytest.mark.parametrize("module", MODULES)
def test_a_submodule_can_be_imported(module: str) -> None:
    """Programs import these modules by name."""
    found = importlib.import_module(f"the_edge_agent.{module}")
    assert found.__doc__


@pytest.mark.parametrize("name", CLI)
def test_the_command_gives_its_parts(name: str) -> None:
    """Helpers of the command are importable."""
    assert getattr(importlib.import_module("the_edge_agent.cli"), name) is not None


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("yaml_engine", "DotDict"),
        ("yaml_engine", "YAMLEngine"),
        ("stategraph", "StateGraph"),
        ("stategraph", "START"),
        ("tracing", "TraceContext"),
        ("memory", "InMemoryBackend"),
        ("memory", "SQLiteBackend"),
        ("exceptions", "HTTPResponse"),
        ("actions", "HTTPResponse"),
        ("dot_parser", "ParsedGraph"),
        ("dot_parser", "AnalyzedGraph"),
        ("schema", "deep_merge"),
        ("schema.deep_merge", "deep_merge"),
        ("parallel", "ParallelConfig"),
        ("parallel_executors", "get_executor"),
    ],
)
def test_a_submodule_holds_its_names(module: str, name: str) -> None:
    """A name means the same thing in its module and in the package."""
    found = getattr(importlib.import_module(f"the_edge_agent.{module}"), name)
    assert found is getattr(the_edge_agent, name, found)
    assert found is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    """Lazy loading does not hide a typing mistake."""
    with pytest.raises(AttributeError, match="StateGrph"):
        the_edge_agent.StateGrph  # noqa: B018 - the access is the test


def in_a_new_process(code: str) -> str:
    """Run a line of Python on its own."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_the_package_loads_no_heavy_library() -> None:
    """Optional libraries are imported where they are used."""
    code = (
        "import sys, the_edge_agent; "
        "print(sorted({'jinja2', 'yaml', 'requests', 'fsspec', 'typer', 'rich', 'sqlalchemy',"
        " 'pyarrow', 'numpy', 'opentelemetry', 'codeanatomy.workflow.actions'} & set(sys.modules)))"
    )
    assert in_a_new_process(code) == "[]"


def test_the_state_graph_does_not_need_the_actions() -> None:
    """The module of the state graph never imports the package of actions."""
    code = (
        "import sys, the_edge_agent.stategraph; "
        "print([n for n in sys.modules if n.startswith('the_edge_agent.actions')"
        " or n.startswith('codeanatomy.workflow.actions')])"
    )
    assert in_a_new_process(code) == "[]"


def test_the_package_can_be_run() -> None:
    """`python -m the_edge_agent` is the command."""
    done = subprocess.run(
        [sys.executable, "-m", "the_edge_agent", "--impl"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "python\n"
