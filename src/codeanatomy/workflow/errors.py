"""What can go wrong in a workflow, each with a code of its own."""

from __future__ import annotations
