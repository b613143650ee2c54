"""The format of agent files: every key, node type, setting and finding, each with its meaning."""

from __future__ import annotations

from typing import Final, NamedTuple

Rows = dict[str, str]


class Code(NamedTuple):
    """A finding about a file: its code, who tells it, and what is wrong.

    `load`: the loader and `tea validate`; `check`: `tea validate`; `strict`: that with `--strict`.
    """

    name: str
    told: str
    meaning: str


TOP: Final[Rows] = {
    "name": "What drawings, journals and traces call the agent.",
    "description": "A sentence about it; `tea inspect` shows it.",
    "version": "Its version, for its readers.",
    "variables": "Constants: templates and code see them as `variables`.",
    "data": "Constants of any shape: templates and code see them as `data`.",
    "imports": "Actions from other files and packages: a list of import keys.",
    "state_schema": "The keys of the state and their types, those of `input_schema` or `any`, "
    "checked with `config.check_schema`.",
    "input_schema": "What the input must be like, field by field; otherwise nothing is run.",
    "output_schema": "Templates of what the run gives as `output`, field by field.",
    "endpoint": "The route under which the agent is served.",
    "nodes": "The nodes in their order, at least one; the first is where a run begins.",
    "edges": "Where a run goes after a node, where it is not the next one in the list.",
    "config": "How the graph is made: interrupts, checkpoints, limits.",
    "settings": "What nodes use: models, memory, journal, secrets, traces.",
    "observability": "The flow log, as under `settings.observability`.",
    "initial_state": "Keys that `tea run` puts under those of its input.",
    "extraction_schema": "The shape that `validate.extraction` checks where it is given none.",
    "validation_constraints": "Rules of `validate.extraction` where it is given none.",
}

NODE: Final[Rows] = {
    "name": "The name that edges use; required, and unique in the file.",
    "description": "A sentence for readers.",
    "metadata": "Anything, for readers and tools.",
    "run": "Code, or an expression `{type: expression, value, output_key}`.",
    "script": "Another word for `run`.",
    "language": "Of the code: `python` (default), `lua` or `prolog`.",
    "timeout": "Seconds that one attempt may take; then the node fails with a TimeoutError. What "
    "it was doing cannot be killed: it may call no further action.",
    "uses": "The action to call.",
    "with": "Its parameters, templates at any depth.",
    "output": "The key for the result, or keys with templates in which `result` is seen.",
    "output_key": "Another word for `output`.",
    "steps": "Nodes that run one after the other as one node.",
    "type": "`while_loop` or `dynamic_parallel`.",
    "condition": "Of a loop: it goes on while this holds.",
    "max_iterations": "Of a loop: from 1 to 1000.",
    "body": "Of a loop: the nodes of one round.",
    "items": "Of `dynamic_parallel`: an expression that gives the items.",
    "item_var": "Of `dynamic_parallel`: the state key of a branch's item, else `item`.",
    "index_var": "Of `dynamic_parallel`: the state key of its number from 0, else `index`.",
    "action": "What a branch does: `{uses, with, output}`.",
    "subgraph": "Another agent: its file, or written out here.",
    "input": "The state it begins with, templates; the whole state where nothing is said.",
    "max_concurrency": "How many branches run at once; a number or a template, else 32.",
    "fail_fast": "Whether the first failed branch ends the others.",
    "parallel_config": "Retries, timeouts and circuit of the branches.",
    "strategy": "`{matrix, fail_fast, max_parallel}`: a branch for every combination.",
    "parallel_each": "An expression that gives a list: a branch for every item.",
    "max_workers": "Of `parallel_each`: how many branches run at once, else 32.",
    "fan_in": "`true`: branches meet here. A name: where those of this node meet.",
    "interrupt": "`before` or `after`: the run stops there and waits for a person.",
    "on_error": "What a failure leads to: a mode, or a mapping.",
    "goto": "The next node, or a list of `{if, to}`, tried in order.",
    "streams": "Pipes between the processes of branches: `{stdout: name}`, `{stdin: name}`.",
}

TYPES: Final[Rows] = {
    "run": "Python code, or one expression.",
    "uses": "A call of an action.",
    "steps": "Several of these in a row.",
    "while_loop": "Rounds of a body while a condition holds.",
    "dynamic_parallel": "A branch for each item of an expression: an action, steps or a subgraph.",
    "matrix": "A branch for each combination of values.",
    "parallel_each": "A branch for each item of a list, with the node's own body.",
    "subgraph": "Another agent file, or a graph written out, as one node.",
    "fan_in": "The node where branches meet, with `parallel_results`.",
    "interrupt": "A node before or after which a person is asked.",
    "pass": "A name and nothing else: the state passes through.",
}

EDGE: Final[Rows] = {
    "from": "The node it leaves, or a list of them; `__start__` for the way in.",
    "to": "The node it leads to, or a list of them; `__end__` for the way out.",
    "type": "`normal` (default), `parallel`, `entry` or `finish`.",
    "fan_in": "Of a parallel edge: the node where its branch meets the others.",
    "condition": "An expression; the edge is taken when it holds, or gives `when`.",
    "when": "The answer of `condition` that takes the edge; alone, a condition itself.",
    "parallel_config": "Of a parallel edge: retries, timeouts and circuit.",
    "config": "Another word for `parallel_config`.",
}

ON_ERROR: Final[Rows] = {
    "mode": "`raise` (default), `graceful` (note it and go on) or `retry`.",
    "max_retries": "More attempts, from 0 to 100; 3 where nothing is said.",
    "retry_delay": "Seconds before the second attempt, up to 3600; 1.0 where nothing is said.",
    "backoff_multiplier": "By how much each wait is longer, from 1 to 100; 2.0 if not said.",
    "retryable_errors": "Class names, or timeout, connection_error, rate_limit, "
    "service_unavailable, http_error.",
    "fallback": "The node to go on with after the failure.",
    "capture_traceback": "Whether `__error__` holds the traceback.",
}

PARALLEL: Final[Rows] = {
    "timeout_seconds": "Of one branch.",
    "timeout_total": "Of all branches together, in seconds.",
    "fail_fast": "Whether the first failed branch ends the others.",
    "include_traceback": "Whether results of failed branches hold their traceback.",
    "strategy": "`thread` (default), `process`, `asyncio` or `remote`.",
    "max_workers": "How many branches run at once.",
    "retry_policy": "`{max_retries, base_delay, max_delay, backoff_multiplier, retry_on}`.",
    "retry": "Another word for `retry_policy`.",
    "circuit_breaker": "`{failure_threshold, reset_timeout, half_open_max_calls}`.",
}

CONFIG: Final[Rows] = {
    "raise_exceptions": "Whether a failed node raises; otherwise it is an event.",
    "interrupt_before": "Nodes before which a run waits.",
    "interrupt_after": "Nodes after which a run waits.",
    "checkpoint_dir": "The folder of checkpoints; a temporary one where interrupts need one.",
    "checkpoint": "The checkpoint that a run without input goes on from.",
    "max_workers": "Branches at once, where no parallel config says it.",
    "max_steps": "Steps after which a run that goes in a circle is an error; 10,000.",
    "reducers": "How a key takes a new value: `{key: add}`, or another named reducer.",
    "check_schema": "Whether input, answers and results are checked against `state_schema`; what "
    "does not fit is an error event, or raised with `raise_exceptions`.",
}

IMPORT: Final[Rows] = {
    "path": "A Python file with `register_actions(registry, engine)`, from the agent's folder.",
    "package": "An installed module with the same.",
    "namespace": "What stands before its names.",
}

INPUT_FIELD: Final[Rows] = {
    "type": "str, int, float, bool, list or dict.",
    "required": "Whether it must be given.",
    "default": "Its value where it is not given.",
    "description": "A sentence for readers and for OpenAPI.",
    "min_length": "Least characters or members.",
    "max_length": "Most characters or members.",
    "pattern": "A regular expression that a text must match.",
    "min": "Least number.",
    "max": "Greatest number.",
    "choices": "The values that are allowed.",
    "properties": "The fields of a dict.",
    "items": "The field that every member of a list is like.",
    "coercion": "Whether a text may stand for a number; true where nothing is said.",
}

OUTPUT_FIELD: Final[Rows] = {
    "value": "The template of the field.",
    "include_if": "A condition; the field is left out when it does not hold.",
    "default": "Its value where the template gives none.",
    "description": "A sentence for readers.",
    "type": "Its type, for readers.",
}

ENDPOINT: Final[Rows] = {
    "path": "The route; `{name}` in it is a parameter.",
    "method": "GET, POST (default), PUT, PATCH or DELETE.",
    "summary": "A line; the agent's name where nothing is said.",
    "description": "A sentence; the agent's where nothing is said.",
    "tags": "Words that group routes.",
    "auth": "What the server asks for; `settings.auth` where nothing is said.",
    "path_params": "The parameters in the path: name to type, or to a mapping.",
    "query_params": "The parameters in the query, likewise.",
    "request": "The body: `{description, content_type, schema}`.",
    "response": "The answer: `{description, content_type, schema}`.",
}

SETTINGS: Final[Rows] = {
    "a2a": "How agents find each other: `bus` is `memory` or `sqlite:///FILE`.",
    "a2a.bus": "Where messages lie; `memory` where nothing is said.",
    "a2a.url": "Another word for `bus`.",
    "a2a.namespace": "Agents of other namespaces are not seen; `default`.",
    "a2a.agent_id": "The name on the roll; the agent's where nothing is said.",
    "agents": "Who `agent.*` gives tasks to: name to model, role, goal, tools.",
    "auth": "What the server of `endpoint` asks for.",
    "auto_trace": "Whether every node is a span of the trace.",
    "blob_storage": "Files for actions: `url` or `path` of a folder, on any fsspec file system.",
    "context": "What `context.assemble` puts together: `layers`, `tabular`, `max_tokens`.",
    "env": "Environment names that templates may read besides those the file spells out.",
    "error_handling": "The `on_error` of nodes that leave a key of it out.",
    "file_root": "The folder that `file.*`, `csv.*` and `storage.*` cannot leave.",
    "graph": "Where entities and relations are kept.",
    "graph.path": "A file of SQLite; in memory where nothing is said.",
    "graph.db_path": "Another word for `path`.",
    "graph.backend": "`sqlite` or `memory`; others are a warning.",
    "journal": "Where every step is recorded: a path, a URI, or a mapping of these.",
    "journal.uri": "`sqlite:///FILE`, `postgresql+psycopg://...`, or `memory:`.",
    "journal.path": "A file of SQLite.",
    "journal.synchronous": "`normal` (default), or `full` to wait for the disk at every step.",
    "llm": "Defaults of every call of a model: any parameter of `llm.call`.",
    "llm.provider": "auto, openai, azure, ollama, litellm, shell or local.",
    "llm.model": "The model that is asked.",
    "llm.api_base": "The address of an OpenAI-compatible server.",
    "llm.deployment": "The deployment of Azure.",
    "llm.temperature": "From 0 to 2.",
    "llm.timeout": "Seconds; 300 where nothing is said.",
    "llm.shell_provider": "The program that is asked with `provider: shell`.",
    "llm.shell_providers": "As `shell_providers`; these win.",
    "llm.backend": "local, api or auto: whether a model file is run here.",
    "llm.model_path": "That file.",
    "ltm": "Long-term memory: `backend`, and what its constructor takes.",
    "ltm.backend": "sqlite (default), duckdb, sqlalchemy (PostgreSQL too), blob or hierarchical.",
    "ltm.path": "The file or folder, of those that have one.",
    "ltm.url": "The address of a database.",
    "ltm.enabled": "Whether there is one.",
    "mcp": "Servers of tools by name: `command` and `args`, or `url`.",
    "mcp_servers": "Another word for `mcp`.",
    "memory": "Any of `ltm`, `graph`, `metadata_store` and `blob_storage` may stand in here.",
    "metadata_store": "Where facts about files are kept: `path`, else in memory.",
    "name": "The agent's name, where the file has none.",
    "observability": "The flow log of a run; `true`, or a mapping.",
    "observability.enabled": "Whether there is one.",
    "observability.level": "The least level that is kept: debug, info, warning or error.",
    "observability.buffer_size": "Events that are kept; 1000.",
    "observability.handlers": "Where events go besides: `console`, `file`.",
    "parallel": "How branches run: every key of a parallel config.",
    "parallel.strategy": "`thread` (default), `process`, `asyncio` or `remote`.",
    "parallel.streams": "Whether branches in processes are joined by pipes.",
    "parallel.remote": "The hosts of the strategy `remote`.",
    "persist_fields": "As `session.persist_fields`, for `session.save`.",
    "rag": "Vectors of texts: the provider and the model that make them, and their file.",
    "rag.embedding_provider": "openai, azure, ollama, litellm, model2vec or function.",
    "rag.provider": "Another word for it.",
    "rag.embedding_model": "The model that makes them.",
    "rag.model": "Another word for it.",
    "rag.embedding_base_url": "The address of the server.",
    "rag.api_base": "Another word for it.",
    "rag.embedding_dimensions": "How long vectors are.",
    "rag.dimensions": "Another word for it.",
    "rag.vector_path": "The file of the vectors; in memory where nothing is said.",
    "rag.path": "Another word for it.",
    "rate_limiters": "Limits by name for `ratelimit.wrap`: `rpm` or `rps`.",
    "secrets": "Where secrets come from; a mapping without `backend` gives them itself.",
    "secrets.backend": "env, aws, azure, gcp or vault.",
    "secrets.type": "Another word for it.",
    "secrets.prefix": "What names begin with at the source.",
    "secrets.env": "Options of the environment: `{prefix}`.",
    "secrets.aws": "Options of AWS Secrets Manager: `{region, secret_name, prefix}`.",
    "secrets.azure": "Options of Azure Key Vault: `{vault_url}`.",
    "secrets.gcp": "Options of Google Secret Manager: `{project_id, prefix}`.",
    "secrets.vault": "Options of HashiCorp Vault: `{url, token, path, mount}`.",
    "session": "What a conversation knows between two runs, by the state's `session_id`.",
    "session.backend": "As `ltm.backend`, or `memory` (default).",
    "session.persist_fields": "The keys that are kept; all public ones where nothing is said.",
    "session.ttl": "Seconds after which it is gone.",
    "session.auto_save": "Whether the end of a run keeps it.",
    "shell_providers": "Programs that stand for models, by name.",
    "shell_providers.command": "The program.",
    "shell_providers.args": "Its arguments.",
    "shell_providers.timeout": "Seconds; 300.",
    "shell_providers.stdin_mode": "`pipe` (default), or `file`.",
    "shell_providers.env": "Environment it has besides.",
    "shell_providers.verbose": "Whether what it writes to standard error is shown.",
    "trace_compress": "Of the file with payloads: `none` or `gzip`.",
    "trace_exporter": "console, file, callback or otel; a list, or `{type, ...}`.",
    "trace_file": "The file of the exporter `file`.",
    "trace_format": "`jsonl`, or `json`, which is the same: one object a line.",
    "trace_llm_payload": "Whether prompts and answers are kept: true, or patterns of node names.",
    "trace_llm_payload_file": "The file they go to; `trace_file` where nothing is said.",
    "trace_retention_days": "Days that `tea trace cleanup` keeps them; 1 or more.",
    "trace_verbose": "Whether the console shows more.",
}

CODES: Final = (
    Code("FILE_NOT_FOUND", "check", "There is no such file."),
    Code("YAML_PARSE", "check", "The text is no YAML, or more than a file may hold."),
    Code("INVALID_ROOT", "check", "The file is empty, or no mapping."),
    Code("MISSING_FIELD", "check", "There are no `nodes`."),
    Code("INVALID_NODES", "check", "`nodes` is no list."),
    Code("INVALID_NODE", "check", "A node is no mapping, or its kind cannot be made of it."),
    Code("MISSING_NODE_NAME", "check", "A node has no `name`."),
    Code("DUPLICATE_NODE", "load", "Two nodes have the same name."),
    Code("INVALID_EDGES", "check", "`edges` is no list."),
    Code("INVALID_EDGE", "check", "An edge is no mapping."),
    Code("EDGE_MISSING_FROM", "check", "An edge has no `from`."),
    Code("EDGE_MISSING_TO", "check", "An edge has no `to`."),
    Code("EDGE_FROM_UNDEFINED", "load", "An edge leaves a node that is not there."),
    Code("EDGE_TO_UNDEFINED", "load", "An edge leads to a node that is not there."),
    Code("GOTO_UNDEFINED", "load", "A goto leads to a node that is not there."),
    Code("DYN_PARALLEL_MODE", "load", "Not exactly one of action, steps and subgraph."),
    Code("DYN_PARALLEL_MISSING_FAN_IN", "load", "A dynamic_parallel node without `fan_in`."),
    Code("DYN_PARALLEL_FAN_IN_UNDEFINED", "load", "Its `fan_in` is not there."),
    Code("DYN_PARALLEL_MISSING_ITEMS", "load", "A dynamic_parallel node without `items`."),
    Code("PARALLEL_FAN_IN_UNDEFINED", "load", "A parallel edge whose `fan_in` is not there."),
    Code("INVALID_CONDITION", "check", "A condition is no expression."),
    Code("INVALID_SCHEMA", "check", "A section is no mapping, or a field has no known type."),
    Code("UNKNOWN_NODE_KEY", "check", "A warning: nothing reads a key of a node."),
    Code("UNREFERENCED_NODE", "strict", "A warning: nothing leads to a node."),
    Code("DEAD_STATE_KEY", "strict", "A warning: a condition reads what no node sets."),
)
