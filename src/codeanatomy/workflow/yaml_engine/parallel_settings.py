"""How the branches of a whole file run, as its settings say it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.parallel.declared import declared_config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.workflow.parallel.config import ParallelConfig

_LOG = logging.getLogger("the_edge_agent.yaml_engine")
_STRATEGIES = ("thread", "process", "asyncio", "remote")


def parallel_settings(settings: Mapping[str, Any]) -> ParallelConfig | None:
    """Read `settings.parallel`; a strategy that is not known is a warning, and threads."""
    declared = settings.get("parallel")
    if not isinstance(declared, dict) or not declared:
        return None
    strategy = declared.get("strategy", "thread")
    if strategy not in _STRATEGIES:
        _LOG.warning(
            "Invalid parallel strategy '%s' in settings.parallel: using 'thread'. There are: %s",
            strategy,
            ", ".join(_STRATEGIES),
        )
        strategy = "thread"
    config = declared_config({**declared, "strategy": strategy})
    if strategy == "remote":
        config.remote_config = declared.get("remote") or declared
    return config


def check_streams(settings: Mapping[str, Any], streaming: list[str]) -> None:
    """Refuse streams between nodes where branches do not run in processes."""
    declared = settings.get("parallel")
    parallel = declared if isinstance(declared, dict) else {}
    streams = parallel.get("streams")
    wanted = streams.get("enabled", True) if isinstance(streams, dict) else bool(streams)
    strategy = parallel.get("strategy", "thread")
    if (wanted or streaming) and strategy != "process":
        where = f" (nodes: {', '.join(streaming)})" if streaming else ""
        raise SpecError(
            f"Streams require parallel_strategy: process, but it is '{strategy}'{where}"
        )
