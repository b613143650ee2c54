"""What can go wrong with a native processor: one error for each code of `processor.h`."""

from __future__ import annotations

from codeanatomy.ecs.errors import WorldError
from codeanatomy.kernel.errors import MissingPartError, Phase, SpecError


class ForeignError(WorldError):
    """A native processor failed for a reason of its own, which its message tells."""

    code = "foreign"


class MissingColumnError(ForeignError):
    """A native processor was called with rows that lack a column it needs.

    Only a call by name fails so: in a schedule, the processor does not apply to such a table.
    """

    code = "foreign-missing-column"
    phase = Phase.CHECK


class WrongTypeError(ForeignError):
    """A column has another Arrow type than the native processor declares; none is converted."""

    code = "foreign-wrong-type"
    phase = Phase.CHECK


class SeveralBatchesError(ForeignError):
    """Rows came in several batches, and one step takes one: combine the chunks."""

    code = "foreign-several-batches"
    phase = Phase.CHECK


class MissingLibraryError(MissingPartError):
    """There is no library at this path, or the system cannot load it."""

    code = "foreign-missing-library"


class MissingSymbolError(SpecError):
    """The library does not export the functions that make up this processor."""

    code = "foreign-missing-symbol"


class AbiMismatchError(ForeignError):
    """The library was built for another version of `processor.h`, or names none."""

    code = "foreign-abi-mismatch"
    phase = Phase.CHECK


class OutputNotEmptyError(ForeignError):
    """The place for the output still holds an array nobody has released."""

    code = "foreign-output-not-empty"


class InFlightError(ForeignError):
    """A step of this table was begun and neither committed nor aborted."""

    code = "foreign-in-flight"


class NotInFlightError(ForeignError):
    """A commit for a table without a begun step."""

    code = "foreign-not-in-flight"


class SchemaMismatchError(ForeignError):
    """What the library gave back are not the declared columns of these rows."""

    code = "foreign-schema-mismatch"
    phase = Phase.CHECK


class PanicError(ForeignError):
    """The library panicked; `facts["signal"]` is what ended its process, when it had its own."""

    code = "foreign-panic"


BY_NUMBER: dict[int, type[ForeignError]] = {
    1: ForeignError,
    2: MissingColumnError,
    3: WrongTypeError,
    4: SeveralBatchesError,
    5: AbiMismatchError,
    6: OutputNotEmptyError,
    7: InFlightError,
    8: NotInFlightError,
    9: SchemaMismatchError,
    10: PanicError,
}
"""The codes a library may return, as in `processor.h`."""


def told(number: int, message: str, where: str) -> ForeignError:
    """Make the error of a code that a library returned; an unknown code is a failure of its own."""
    kind = BY_NUMBER.get(number, ForeignError)
    said = message or "and does not say why"
    return kind(f"{where} failed with code {number}: {said}", number=number, processor=where)
