"""Checks of agent files: findings with code, file, line and column."""

from __future__ import annotations

from codeanatomy.workflow.load.findings import Finding
from codeanatomy.workflow.load.read import read_yaml
from codeanatomy.workflow.load.validate import structural, validate, validate_file

__all__ = ["Finding", "read_yaml", "structural", "validate", "validate_file"]
