"""Roles: viewer < player < operator < admin; who has a role has the rights of all below."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from codeanatomy.kernel.errors import UnknownNameError


class Role(IntEnum):
    """The four roles, in their order."""

    VIEWER = 1
    PLAYER = 2
    OPERATOR = 3
    ADMIN = 4

    @property
    def title(self) -> str:
        """The role as people write it."""
        return self.name.lower()


class Actor(NamedTuple):
    """Who asks: a name for quotas and audit, and a role."""

    name: str
    role: Role


def role_of(found: str | Role) -> Role:
    """Give a role by its name."""
    if isinstance(found, Role):
        return found
    try:
        return Role[found.upper()]
    except KeyError:
        known = ", ".join(role.title for role in Role)
        raise UnknownNameError(f"no role {found!r}; the roles are {known}", name=found) from None
