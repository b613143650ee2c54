"""The command `tea`, and the helpers of it that programs import."""

from __future__ import annotations

from codeanatomy.cli.tea.app import IMPLEMENTATION, app
from codeanatomy.cli.tea.heartbeat import emit_heartbeat, parallel_branch_label
from codeanatomy.cli.tea.history import history
from codeanatomy.cli.tea.inputs import (
    check_fail_on_state,
    deep_merge,
    load_cli_actions,
    parse_fail_on_state,
    parse_input,
    parse_secrets,
)
from codeanatomy.cli.tea.inspect_file import inspect
from codeanatomy.cli.tea.ndjson import emit_ndjson_event
from codeanatomy.cli.tea.remote import resolve_file_url
from codeanatomy.cli.tea.resume import load_checkpoint, resume
from codeanatomy.cli.tea.run import run
from codeanatomy.cli.tea.show import show
from codeanatomy.cli.tea.validate import validate
from codeanatomy.workflow.show.duration import format_duration

__all__ = [
    "IMPLEMENTATION",
    "app",
    "check_fail_on_state",
    "deep_merge",
    "emit_heartbeat",
    "emit_ndjson_event",
    "format_duration",
    "history",
    "inspect",
    "load_checkpoint",
    "load_cli_actions",
    "parallel_branch_label",
    "parse_fail_on_state",
    "parse_input",
    "parse_secrets",
    "resolve_file_url",
    "resume",
    "run",
    "show",
    "validate",
]
