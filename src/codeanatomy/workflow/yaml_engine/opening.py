"""From a file's definition to its agent: settings expanded, stores and secrets opened."""

from __future__ import annotations

import logging
import os
from functools import partial
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.memory.backends import expand_env_vars
from codeanatomy.workflow.redact import can_be_asked, keep_secret
from codeanatomy.workflow.template.dotdict import DotDict
from codeanatomy.workflow.yaml_engine.agent import Agent
from codeanatomy.workflow.yaml_engine.endpoint import read_endpoint
from codeanatomy.workflow.yaml_engine.llm_settings import shell_providers
from codeanatomy.workflow.yaml_engine.on_error import check
from codeanatomy.workflow.yaml_engine.secrets._logs import hide_in_logs
from codeanatomy.workflow.yaml_engine.secrets._open import Secrets, open_source
from codeanatomy.workflow.yaml_engine.settings import DeclaredEnv, mapping_of, section, without
from codeanatomy.workflow.yaml_engine.stores import attempted
from codeanatomy.workflow.yaml_engine.tracing import (
    open_observability,
    payload_settings,
    trace_of_file,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LOG = logging.getLogger("the_edge_agent.yaml_engine")


def open_agent(
    base: Agent,
    definition: dict[str, Any],
    base_dir: Path | None,
    given_secrets: Mapping[str, Any],
) -> Agent:
    """Return the record of a file, over what the engine was made with."""
    agent = Agent(base.shared, base.templates, base)
    agent.definition = definition
    agent.base_dir = base_dir
    agent.settings = expand_env_vars(mapping_of(definition, "settings"))
    agent.name = str(definition.get("name") or agent.settings.get("name") or "")
    agent.variables = {**base.variables, **mapping_of(definition, "variables")}
    agent.data = DotDict({**base.data, **mapping_of(definition, "data")})
    agent.env = DeclaredEnv(definition, os.environ)
    agent.shell_providers = {**base.shell_providers, **shell_providers(agent.settings)}
    if isinstance(agent.settings.get("error_handling"), dict):
        check(agent.settings["error_handling"])
    endpoint = read_endpoint(definition)
    if endpoint is not None:
        endpoint.setdefault("auth", agent.settings.get("auth"))
        agent.endpoint_config = DotDict(endpoint)
    _open_secrets(agent, given_secrets)
    _open_stores(agent)
    payload_settings(agent.settings)
    agent.trace_context = trace_of_file(agent.settings, base.trace_context)
    agent.observability_context = open_observability(
        definition.get("observability") or agent.settings.get("observability"), agent.trace_context
    )
    return agent


def _open_secrets(agent: Agent, given: Mapping[str, Any]) -> None:
    declared = section(agent.settings, "secrets")
    if declared and not {"backend", "type", "env", "prefix"}.intersection(declared):
        given, declared = {**declared, **given}, {}
    source = attempted("secrets", partial(open_source, declared)) if declared else None

    def tell(name: str, value: object) -> None:
        keep_secret(value, **{name: value})
        agent.hidden.add(name, value)

    if given or source is not None:
        hide_in_logs()
    agent.secrets = Secrets(given, source, tell)
    if source is not None:
        can_be_asked(agent.secrets.get)
        agent.secrets_backend = agent.secrets


def _open_stores(agent: Agent) -> None:
    more = section(agent.settings, "memory")  # stores may stand in there too
    session = section(agent.settings, "session")
    if session:
        agent.later("session_backend", partial(_sessions, session))
    for name, part, make in (
        ("ltm_backend", "ltm", _long_term),
        ("graph_backend", "graph", _graph),
        ("metadata_store", "metadata_store", _metadata),
        ("blob_storage", "blob_storage", _blobs),
    ):
        declared = section(agent.settings, part) or section(more, part)
        if declared and declared.get("enabled", True):
            agent.later(name, partial(make, declared))


def _sessions(settings: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a store
    from codeanatomy.workflow.yaml_engine.sessions import open_sessions  # noqa: PLC0415 - only files with sessions

    return open_sessions(settings)


def _long_term(settings: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a store
    from codeanatomy.workflow.memory.backends import (  # noqa: PLC0415 - when first used
        create_ltm_backend,
        parse_backend_config,
    )

    kind, options = parse_backend_config(settings)
    return create_ltm_backend(kind, **without(options, ("auto_load",)))


def _graph(settings: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a store
    return open_graph(settings.get("path") or settings.get("db_path"), settings.get("backend"))


def open_graph(path: str | None, kind: str | None = None) -> Any:  # noqa: ANN401 - a store
    """Open the graph of entities in a file, or in memory; other kinds of stores are told."""
    from codeanatomy.workflow.memory.database import open_database  # noqa: PLC0415 - when first used
    from codeanatomy.workflow.memory.graph import GraphMemory  # noqa: PLC0415 - as above

    if kind not in {None, "sqlite", "memory"}:
        _LOG.warning("Graph backend '%s' is not built in: using the built-in one", kind)
    return GraphMemory(open_database(path or ":memory:"))


def _metadata(settings: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a store
    from codeanatomy.workflow.storage.metadata import MetadataStore  # noqa: PLC0415 - when first used

    return MetadataStore(str(settings.get("path") or ":memory:"))


def _blobs(settings: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a store
    from codeanatomy.workflow.storage.blob import BlobStorage  # noqa: PLC0415 - when first used

    return BlobStorage(str(settings.get("url") or settings.get("path")))
