"""A column: the declared type of one component field, and the door its values come in by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.arrays import arrow, frozen
from codeanatomy.ecs.errors import ColumnShapeError, ColumnTypeError, NotANumberError

if TYPE_CHECKING:
    from codeanatomy.ecs.arrays import Array, Numbers

REQUIRED = type("Required", (), {"__repr__": lambda _: "REQUIRED"})()  # a field without default

# A numpy kind may become another one without loss of meaning; bool never becomes a number.
_BECOMES = {"f": "fiu", "i": "iu", "u": "iu", "b": "b", "M": "M", "m": "m"}


@dataclass(frozen=True)
class Column:
    """`component__field`: its Arrow type, whether it may be empty, its default, how it is held.

    `dtype` is set where numpy holds the column, as `(n,)` or, with a `width` k, as `(n, k)`;
    otherwise Arrow holds it. `members` are the names of an enum, in the order of their codes.
    """

    name: str
    type: pa.DataType
    nullable: bool = False
    default: object = REQUIRED
    members: tuple[str, ...] | None = None
    dtype: np.dtype[Any] | None = field(init=False, compare=False)
    width: int | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        dtype, width = _held(self.type, nullable=self.nullable)
        object.__setattr__(self, "dtype", dtype)
        object.__setattr__(self, "width", width)

    @property
    def component(self) -> str:
        """The name of the component the field belongs to."""
        return self.name.partition("__")[0]

    @property
    def field_name(self) -> str:
        """The name of the field inside its component."""
        return self.name.partition("__")[2]

    def shape(self, rows: int) -> tuple[int, ...]:
        """Give the numpy shape of so many rows."""
        return (rows,) if self.width is None else (rows, self.width)

    def empty(self) -> Array:
        """Give the column of no rows."""
        if self.dtype is not None:
            return frozen(np.empty(self.shape(0), self.dtype))
        if self.members is not None:
            return self.of_codes(np.empty(0, np.int64))
        return pa.array([], type=self.type)

    def fill(self, value: object, rows: int) -> Array:
        """Give `rows` times the same value, after checking it."""
        if self.dtype is not None:
            one = self.take_in([value], 1)
            return frozen(np.repeat(one, rows, axis=0))
        return self.take_in([value], 1).take(arrow(np.zeros(rows, np.int64)))

    def take_in(self, values: object, rows: int) -> Array:
        """Make `rows` rows of this column from a sequence, a numpy or an Arrow array; a copy."""
        if self.dtype is None:
            return self._arrow(values, rows)
        found = self._numpy(values)
        if found.shape != self.shape(rows):
            raise self._misshapen(found.shape, rows)
        self._check_numbers(found)
        return frozen(found)

    def check(self, array: object, rows: int) -> Array:
        """Give back what a processor made of this column, if it is of the declared type.

        Codes are taken for an enum, and any Arrow text for text; nothing else is converted.
        """
        if isinstance(array, np.ndarray) and self.dtype is not None:
            if array.dtype != self.dtype:
                raise self._mistyped(f"an array of {array.dtype}")
            if array.shape != self.shape(rows):
                raise self._misshapen(array.shape, rows)
            self._check_numbers(array)
            return array
        if isinstance(array, np.ndarray) and self.members is None:
            raise self._mistyped(f"an array of {array.dtype}")
        if not isinstance(array, np.ndarray | pa.Array | pa.ChunkedArray):
            raise self._mistyped(type(array).__name__)
        if isinstance(array, pa.Array | pa.ChunkedArray) and not _alike(array.type, self.type):
            raise self._mistyped(f"an array of {array.type}")
        return self.take_in(array, rows)

    def of_codes(self, codes: Numbers) -> pa.Array:
        """Make an enum column from the positions of its members."""
        names = self.members or ()
        if codes.dtype.kind not in "iu":
            raise self._mistyped(f"an array of {codes.dtype}")
        if len(codes) and not 0 <= int(codes.min()) <= int(codes.max()) < len(names):
            raise self._mistyped(f"a code outside 0..{len(names) - 1}")
        small = codes.astype(_small(names).to_pandas_dtype())
        return pa.DictionaryArray.from_arrays(arrow(small), pa.array(names, pa.string()))

    def to_arrow(self, array: Array) -> pa.Array:
        """Give a held column as Arrow, without a copy where the layout allows it."""
        if not isinstance(array, np.ndarray):
            return array
        if self.width is not None:
            inner = arrow(array.reshape(-1), self.type.value_type)
            return pa.FixedSizeListArray.from_arrays(inner, type=self.type)
        if self.nullable and np.isnan(array).any():
            return pa.array(array, type=self.type, mask=np.isnan(array))
        return arrow(array, self.type)

    def of_arrow(self, array: pa.Array | pa.ChunkedArray) -> Array:
        """Give a stored Arrow column as it is held, trusting it; without a copy where possible."""
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if self.dtype is None:
            return array if array.type == self.type else self._arrow(array, len(array))
        return frozen(self._numpy_of_arrow(array, copy=False))

    def as_data(self) -> dict[str, object]:
        """Give the declaration as plain data: what a drifted schema is compared by."""
        told: dict[str, object] = {
            "field": self.field_name,
            "type": str(self.type),
            "nullable": self.nullable,
        }
        return told | ({"members": list(self.members)} if self.members is not None else {})

    def _numpy(self, values: object) -> Numbers:
        if isinstance(values, pa.Array | pa.ChunkedArray):
            return self._numpy_of_arrow(values, copy=True)
        try:
            found = np.asarray(values)
        except (ValueError, TypeError, OverflowError):
            raise self._mistyped("values of several shapes or types") from None
        if found.dtype.kind == "O":
            found = self._of_objects(found)
        assert self.dtype is not None  # noqa: S101 - for the type checker: only numpy columns
        if found.size == 0 and not isinstance(values, np.ndarray):
            return np.empty(self.shape(0), self.dtype)
        if found.dtype.kind not in _BECOMES[self.dtype.kind]:
            raise self._mistyped(f"values of {found.dtype}")
        return self._converted(found)

    def _converted(self, found: Numbers) -> Numbers:
        made = found.astype(self.dtype)  # a copy always: the caller's array is the caller's
        if (
            made.dtype.kind in "iu"
            and made.dtype != found.dtype
            and not np.array_equal(made, found)
        ):
            raise self._mistyped(f"values of {found.dtype} beyond its range")
        return made

    def _of_objects(self, found: Numbers) -> Numbers:
        kind = self.dtype.kind if self.dtype is not None else ""
        if kind == "M":
            return _moments(found, self)
        if kind == "f" and self.nullable and all(_is_number(v) for v in found.flat):
            return found.astype(np.float64)
        if kind == "f" and any(value is None for value in found.flat):
            raise NotANumberError(
                f"{self.name} does not allow empty values; declare it `float | None` if it should",
                column=self.name,
            )
        if kind == "m":
            return found.astype(self.dtype)
        raise self._mistyped(f"values of {type(found.flat[0]).__name__}")

    def _numpy_of_arrow(self, values: pa.Array | pa.ChunkedArray, *, copy: bool) -> Numbers:
        array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        if isinstance(array, pa.ChunkedArray):  # an empty one stays chunked
            array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
        if array.null_count and not self.nullable:
            raise NotANumberError(f"{self.name} does not allow nulls", column=self.name)
        wanted = self.type
        if self.width is not None and not _is_list(array.type):
            raise self._mistyped(f"an array of {array.type}")
        try:
            cast = array.cast(wanted) if array.type != wanted else array
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise self._mistyped(f"an array of {array.type}") from None
        if not _numpy_kind_fits(array.type, wanted):
            raise self._mistyped(f"an array of {array.type}")
        if self.width is not None:
            flat = cast.flatten().to_numpy(zero_copy_only=False)
            made: Numbers = flat.reshape(len(cast), self.width)
        else:
            made = cast.to_numpy(zero_copy_only=False)
        return made.astype(self.dtype, copy=copy or not made.flags.c_contiguous)

    def _arrow(self, values: object, rows: int) -> pa.Array:
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        enum = self.members is not None
        made = self._enum(values) if enum else self._texts_and_lists(values)
        if len(made) != rows:
            raise self._misshapen((len(made),), rows)
        _check_inner(made, self)
        return made

    def _texts_and_lists(self, values: object) -> pa.Array:
        try:
            if isinstance(values, pa.Array):
                if values.type == self.type:
                    return values
                if not _alike(values.type, self.type):
                    raise self._mistyped(f"an array of {values.type}")
                return values.cast(self.type)
            if isinstance(values, np.ndarray) and values.ndim > 1:
                values = list(values)
            plain_values = _plain_all(values)
            if pa.types.is_nested(self.type):  # Arrow would cut numbers inside without a word
                guessed = pa.array(plain_values).type
                if not _alike(guessed, self.type, numbers=True):
                    raise self._mistyped(f"values of {guessed}")
            return pa.array(plain_values, type=self.type)
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            if isinstance(error, ColumnTypeError):
                raise
            raise self._mistyped(str(error)) from None

    def _enum(self, values: object) -> pa.Array:
        if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
            return self.of_codes(values)
        if isinstance(values, pa.Array):
            if pa.types.is_integer(values.type):
                return self.of_codes(values.to_numpy(zero_copy_only=False))
            values = values.to_pylist()
        codes = {name: code for code, name in enumerate(self.members or ())}
        names = [plain(value) for value in values]  # type: ignore[attr-defined] # a sequence: the door says so
        unknown = next((n for n in names if n is not None and n not in codes), None)
        if unknown is not None:
            raise self._mistyped(f"{unknown!r}; its members are {', '.join(codes)}")
        indices = pa.array([None if n is None else codes[str(n)] for n in names], _small(codes))
        return pa.DictionaryArray.from_arrays(indices, pa.array(list(codes), pa.string()))

    def _check_numbers(self, array: Numbers) -> None:
        # min is the cheapest reduction that carries a NaN through
        if array.dtype.kind == "f" and not self.nullable and array.size:
            lowest = array.min()
            if lowest != lowest:  # noqa: PLR0124 - only NaN differs from itself
                at = int(np.argmax(np.isnan(array).reshape(len(array), -1).any(axis=1)))
                raise NotANumberError(
                    f"{self.name} does not allow NaN, and row {at} has one; "
                    "declare it `float | None` if it should",
                    column=self.name,
                    row=at,
                )

    def _mistyped(self, found: str) -> ColumnTypeError:
        return ColumnTypeError(
            f"{self.name} holds {self._told()}, not {found}", column=self.name, found=found
        )

    def _misshapen(self, found: tuple[int, ...], rows: int) -> ColumnShapeError:
        wanted = self.shape(rows)
        return ColumnShapeError(
            f"{self.name} must have the shape {wanted} here, not {found}",
            column=self.name,
            shape=found,
            wanted=wanted,
        )

    def _told(self) -> str:
        return f"one of {', '.join(self.members)}" if self.members is not None else str(self.type)


def plain(value: object) -> object:
    """Give one Python value as Arrow takes it: enums by name, structs as dictionaries."""
    import enum  # noqa: PLC0415 - a few calls only; the module stays short to load

    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return [plain(inner) for inner in value]
    fields = getattr(value, "__component_fields__", None) or getattr(value, "_fields", None)
    if fields is None and hasattr(value, "__dataclass_fields__"):
        fields = tuple(value.__dataclass_fields__)
    return {f: plain(getattr(value, f)) for f in fields} if fields is not None else value


def _plain_all(values: object) -> object:
    if isinstance(values, np.ndarray):
        return values
    return [plain(value) for value in values]  # type: ignore[attr-defined] # a sequence: the door says so


def _held(  # noqa: PLR0911 - one return for each family of types
    type_: pa.DataType, *, nullable: bool
) -> tuple[np.dtype[Any] | None, int | None]:
    """Say how numpy holds an Arrow type: dtype and width, or nothing when Arrow holds it."""
    t = pa.types
    if t.is_floating(type_):
        return np.dtype(type_.to_pandas_dtype()), None
    if nullable:
        return None, None
    if t.is_fixed_size_list(type_) and (
        t.is_floating(type_.value_type)
        or t.is_integer(type_.value_type)
        or t.is_boolean(type_.value_type)
    ):
        return np.dtype(type_.value_type.to_pandas_dtype()), type_.list_size
    if t.is_integer(type_) or t.is_boolean(type_):
        return np.dtype(type_.to_pandas_dtype()), None
    if t.is_timestamp(type_):
        return np.dtype(f"M8[{type_.unit}]"), None
    if t.is_date32(type_):
        return np.dtype("M8[D]"), None
    if t.is_duration(type_):
        return np.dtype(f"m8[{type_.unit}]"), None
    return None, None


def _small(names: object) -> pa.DataType:
    return pa.int8() if len(names) < 128 else pa.int32()  # type: ignore[arg-type]  # noqa: PLR2004 - what int8 holds


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _is_list(type_: pa.DataType) -> bool:
    t = pa.types
    return bool(t.is_fixed_size_list(type_) or t.is_list(type_) or t.is_large_list(type_))


def _numpy_kind_fits(found: pa.DataType, wanted: pa.DataType) -> bool:
    if _is_list(found) and _is_list(wanted):
        return _numpy_kind_fits(found.value_type, wanted.value_type)
    t = pa.types
    if t.is_floating(wanted):
        return bool(t.is_floating(found) or t.is_integer(found) or t.is_null(found))
    if t.is_integer(wanted):
        return bool(t.is_integer(found))
    if t.is_boolean(wanted):
        return bool(t.is_boolean(found))
    return bool(t.is_temporal(found) and t.is_duration(found) == t.is_duration(wanted))


def _alike(  # noqa: PLR0911 - one return for each family of types
    found: pa.DataType, wanted: pa.DataType, *, numbers: bool = False
) -> bool:
    """Say whether one Arrow type may stand for another: encodings differ, meaning does not.

    With `numbers`, whole numbers may stand for others, as in values that Python wrote down.
    """
    t = pa.types
    if found == wanted or t.is_null(found):
        return True
    if t.is_dictionary(found):
        return _alike(found.value_type, wanted)
    if t.is_dictionary(wanted):
        return _alike(found, wanted.value_type) or bool(t.is_integer(found))
    if _is_list(found) and _is_list(wanted):
        return _alike(found.value_type, wanted.value_type, numbers=numbers)
    if t.is_struct(found) and t.is_struct(wanted):
        return {f.name for f in found} == {f.name for f in wanted} and all(
            _alike(found.field(f.name).type, f.type, numbers=numbers) for f in wanted
        )
    if numbers and (t.is_integer(wanted) or t.is_floating(wanted) or t.is_temporal(wanted)):
        return _numpy_kind_fits(found, wanted)
    texts = (t.is_string, t.is_large_string, t.is_string_view)
    raws = (t.is_binary, t.is_large_binary, t.is_binary_view)
    return any(
        any(is_(found) for is_ in group) and any(is_(wanted) for is_ in group)
        for group in (texts, raws)
    )


def _moments(found: Numbers, column: Column) -> Numbers:
    from datetime import UTC, date, datetime  # noqa: PLC0415 - only where moments come as objects

    def naive(value: object) -> object:
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC).replace(tzinfo=None)
        if isinstance(value, date):
            return value
        raise column._mistyped(f"values of {type(value).__name__}")  # noqa: SLF001 - its own module

    return np.array([naive(value) for value in found.flat], dtype=column.dtype)


def _check_inner(array: pa.Array, column: Column) -> None:
    """Refuse a NaN inside lists and structs of a column that may not be empty."""
    t = pa.types
    if array.null_count and not column.nullable:
        raise NotANumberError(f"{column.name} does not allow empty values", column=column.name)
    if t.is_floating(array.type) and not column.nullable:
        numbers = array.drop_null().to_numpy(zero_copy_only=False)
        if numbers.size and np.isnan(numbers.min()):
            raise NotANumberError(f"{column.name} does not allow NaN inside", column=column.name)
    elif _is_list(array.type):
        _check_inner(array.flatten(), column)
    elif t.is_struct(array.type):
        for inner in array.flatten():
            _check_inner(inner, column)
