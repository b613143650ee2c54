"""The YAML engine, and the dict whose keys are attributes."""

from __future__ import annotations

from codeanatomy.workflow.template.dotdict import DotDict
from codeanatomy.workflow.yaml_engine.engine import YAMLEngine

__all__ = ["DotDict", "YAMLEngine"]
