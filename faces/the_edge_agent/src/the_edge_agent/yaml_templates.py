"""Templates and conditions of agent files."""

from __future__ import annotations

from codeanatomy.workflow.template.dotdict import DotDict
from codeanatomy.workflow.template.environment import Templates
from codeanatomy.workflow.template.errors import ConditionError, TemplateError

__all__ = ["ConditionError", "DotDict", "TemplateError", "Templates"]
