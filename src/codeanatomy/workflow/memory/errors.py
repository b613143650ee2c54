"""What can go wrong in memory, each with a code of its own."""

from __future__ import annotations

from codeanatomy.kernel.errors import AnatomyError, Phase, SpecError


class DatabaseError(AnatomyError):
    """The database under a memory refused or could not be reached; `facts["kind"]` says which."""

    code = "memory-database"
    phase = Phase.STORE


class PathOutsideError(SpecError):
    """The path of a memory climbs out of its folder with `..`."""

    code = "memory-path"


class EntityError(SpecError):
    """The hierarchy of entities would break: an unknown parent, a wrong level, a circle."""

    code = "memory-entity"


class PatternError(SpecError):
    """A graph query that this backend does not read; the message says what it does."""

    code = "memory-pattern"


class VectorError(SpecError):
    """Vectors of unequal length, or texts without their vectors."""

    code = "memory-vector"
