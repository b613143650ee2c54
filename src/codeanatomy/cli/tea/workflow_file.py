"""From the options of `tea` to a graph that is ready to run."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeanatomy.cli.tea.inputs import json_object, load_cli_actions, parse_secrets
from codeanatomy.cli.tea.options import names
from codeanatomy.cli.tea.remote import resolve_file_url
from codeanatomy.cli.tea.say import USAGE, fail
from codeanatomy.workflow.redact import keep_secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codeanatomy.cli.tea.options import Loading
    from codeanatomy.workflow.load.document import Document

Definition = dict[str, Any]
BACKENDS = ("local", "api", "auto")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for beside the file itself."""

    file: str
    overlays: Sequence[str] = ()
    secrets: dict[str, Any] = field(default_factory=dict)
    secrets_backend: str | None = None
    secrets_backend_opts: dict[str, Any] = field(default_factory=dict)
    modules: Sequence[str] = ()
    files: Sequence[str] = ()
    interrupt_before: Sequence[str] = ()
    interrupt_after: Sequence[str] = ()
    checkpoint_dir: str | None = None
    no_interrupts: bool = False
    trace_file: str | None = None
    journal: str | None = None
    backend: str | None = None
    gguf: str | None = None
    cache: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Loaded:
    """An engine with its graph, and the file it came from."""

    engine: Any
    graph: Any
    definition: Definition
    path: Path


def wanted_of(options: Loading, file: str) -> Wanted:
    """Gather what the options ask for beside the file."""
    asked = vars(options)
    cache = ("cache_dir", "no_cache", "cache_only")
    return Wanted(
        file=file,
        overlays=options.overlay or (),
        secrets=parse_secrets(options.secrets, options.secrets_env),
        secrets_backend=options.secrets_backend,
        secrets_backend_opts=json_object(options.secrets_backend_opts, "--secrets-backend-opts"),
        modules=options.actions_module or (),
        files=options.actions_file or (),
        interrupt_before=names(asked.get("interrupt_before")),
        interrupt_after=names(asked.get("interrupt_after")),
        checkpoint_dir=asked.get("checkpoint_dir"),
        no_interrupts=not asked.get("keep_interrupts", True),
        trace_file=options.trace_file,
        journal=options.journal,
        backend=options.backend,
        gguf=options.gguf,
        cache={name: asked[name] for name in cache},
    )


def read_definition(
    file: str, *, base: bool = False, cache: dict[str, Any] | None = None
) -> tuple[Definition, Path]:
    """Read an agent file; every way it can be missing or broken ends the command."""
    local = Path(resolve_file_url(file, **(cache or {})))
    if not local.is_file():
        fail(f"Error: Workflow file not found: {file}")
    where = "Error: Invalid YAML in base file" if base else "Error loading workflow"
    return _mapping(local, where, "Base" if base else "Workflow"), local


def merged_definition(wanted: Wanted, *, dumped: bool = False) -> tuple[Definition, Path]:
    """Read the file and put its overlays on it, in their order."""
    base = bool(wanted.overlays) or dumped
    definition, path = read_definition(wanted.file, base=base, cache=wanted.cache)
    if not wanted.overlays:
        return definition, path
    from codeanatomy.workflow.load.overlay import deep_merge  # noqa: PLC0415 - only with overlays

    for name in wanted.overlays:
        overlay = Path(resolve_file_url(name, **wanted.cache))
        if not overlay.is_file():
            fail(f"Error: Overlay file not found: {overlay.absolute()}")
        definition = deep_merge(
            definition, _mapping(overlay, "Error: Invalid YAML in overlay file", "Overlay")
        )
    return definition, path


def load(wanted: Wanted) -> Loaded:
    """Make an engine, and the graph of the file with all that was asked for."""
    override = _model_override(wanted)
    definition, path = merged_definition(wanted)
    _apply(definition, wanted)
    from codeanatomy.workflow.yaml_engine.engine import YAMLEngine  # noqa: PLC0415 - heavy

    # whoever runs a file runs its Python: its Lua and Prolog can do less
    engine = YAMLEngine(lua_enabled=True, prolog_enabled=True)
    engine.actions_registry.update(load_cli_actions(wanted.modules, wanted.files, engine))
    if override:
        engine.parts["llm_override"] = override
    if wanted.secrets:
        keep_secret(wanted.secrets)
        engine.given_secrets = dict(wanted.secrets)
    try:
        graph = engine.load_document(_document(definition, path, wanted), str(path.parent))
    except Exception as error:
        engine.close()
        logging.getLogger("the_edge_agent.cli").debug("loading failed", exc_info=True)
        places = str(error).startswith("Workflow validation failed") and not wanted.overlays
        hint = f"\n`tea validate {wanted.file}` shows the lines." if places else ""
        fail(f"Error loading workflow: {error}{hint}")
    return Loaded(engine, graph, definition, path)


def _document(definition: Definition, path: Path, wanted: Wanted) -> Document:
    """Give a definition its places back; those of a file with overlays are not its own."""
    from codeanatomy.workflow.load.document import Document  # noqa: PLC0415 - needs the YAML library

    text = None if wanted.overlays else path.read_text(encoding="utf-8")
    return Document(definition, wanted.file, text)


def _mapping(path: Path, complaint: str, what: str) -> Definition:
    from codeanatomy.workflow.load.read import read_yaml  # noqa: PLC0415 - needs the YAML library

    try:
        value = read_yaml(path).value
    except Exception as error:  # noqa: BLE001 - whatever the parser dislikes
        fail(f"{complaint}: {error}")
    if value is None and what == "Overlay":
        return {}
    if not isinstance(value, dict):
        fail(f"Error: {what} YAML must be a mapping, got {type(value).__name__}")
    return value


def _apply(definition: Definition, wanted: Wanted) -> None:
    """Write what was asked for into the definition, where a file would say it."""
    config = _section(definition, "config")
    if wanted.no_interrupts:
        config.pop("interrupt_before", None)
        config.pop("interrupt_after", None)
        for node in definition.get("nodes") or ():
            if isinstance(node, dict):
                node.pop("interrupt", None)
    for key in ("interrupt_before", "interrupt_after"):
        names = getattr(wanted, key)
        if names:
            config[key] = [*(config.get(key) or ()), *names]
    if wanted.checkpoint_dir:
        config["checkpoint_dir"] = wanted.checkpoint_dir
    settings = _section(definition, "settings")
    if wanted.journal:
        settings["journal"] = wanted.journal
    if wanted.secrets_backend:
        settings["secrets"] = {"backend": wanted.secrets_backend, **wanted.secrets_backend_opts}
        _check_secrets(settings["secrets"])
    if wanted.trace_file:
        path = _expanded(wanted.trace_file)
        _check_writable(path)
        settings.update(auto_trace=True, trace_exporter="file", trace_file=path)


def _section(definition: Definition, name: str) -> dict[str, Any]:
    found = definition.get(name)
    if not isinstance(found, dict):
        found = definition[name] = {}
    return found


def _check_secrets(settings: dict[str, Any]) -> None:
    from codeanatomy.workflow.yaml_engine.secrets._open import open_source  # noqa: PLC0415 - rarely

    try:
        open_source(settings)
    except Exception as error:  # noqa: BLE001 - a backend may fail in any way
        fail(f"Error: Failed to configure secrets backend: {error}")


def _check_writable(path: str) -> None:
    place = Path(path)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        fail(f"Error: Cannot open trace file {path}: {error}", USAGE)


def _expanded(text: str) -> str:
    def value(match: re.Match[str]) -> str:
        return os.environ.get(match[1]) or (match[2] or "")

    return os.path.expanduser(re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", value, text))  # noqa: PTH111 - a text, `${VAR}` may hold `~`


def _model_override(wanted: Wanted) -> dict[str, Any]:
    override: dict[str, Any] = {}
    if wanted.backend is not None:
        if wanted.backend not in BACKENDS:
            fail(f"Error: --backend must be one of: {', '.join(BACKENDS)}. Got: {wanted.backend}")
        override["backend"] = wanted.backend
    if wanted.gguf is not None:
        path = Path(_expanded(wanted.gguf))
        if not path.is_file():
            fail(f"Error: GGUF file not found: {path}")
        override["model_path"] = str(path)
    return override
