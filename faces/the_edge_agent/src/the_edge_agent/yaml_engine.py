"""The engine of agent files, and the dict that its templates see."""

from __future__ import annotations

from codeanatomy.workflow.template.dotdict import DotDict
from codeanatomy.workflow.yaml_engine.engine import YAMLEngine

__all__ = ["DotDict", "YAMLEngine"]
