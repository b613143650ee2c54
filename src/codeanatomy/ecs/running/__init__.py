"""Running worlds: until something holds, on many branches, over parameters and seeds."""

from __future__ import annotations
