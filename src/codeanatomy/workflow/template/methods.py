"""Which methods a template may call, by the type that has them: none that writes or reaches out."""

from __future__ import annotations

import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from types import BuiltinFunctionType, MethodType
from uuid import UUID

_TEXT = (
    "capitalize casefold center count encode endswith expandtabs find format format_map index"
    " isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable"
    " isspace istitle isupper join ljust lower lstrip partition removeprefix removesuffix"
    " replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip"
    " swapcase title upper zfill"
)
_BYTES = "count decode endswith find hex index isalnum isalpha isascii isdigit rfind split"
_DAY = "ctime isocalendar isoformat isoweekday strftime timetuple toordinal weekday replace"

SAFE_METHODS: dict[type, frozenset[str]] = {
    str: frozenset(_TEXT.split()),
    bytes: frozenset(_BYTES.split()) | {"startswith", "strip", "rsplit", "splitlines"},
    dict: frozenset("get keys values items copy".split()),
    list: frozenset("index count copy".split()),
    tuple: frozenset("index count".split()),
    range: frozenset("index count".split()),
    set: frozenset(
        "copy difference intersection isdisjoint issubset issuperset symmetric_difference"
        " union".split()
    ),
    frozenset: frozenset(
        "copy difference intersection isdisjoint issubset issuperset symmetric_difference"
        " union".split()
    ),
    int: frozenset("bit_length bit_count conjugate".split()),
    float: frozenset("is_integer hex as_integer_ratio conjugate".split()),
    complex: frozenset({"conjugate"}),
    datetime: frozenset(_DAY.split())
    | {"astimezone", "date", "time", "timetz", "timestamp", "utcoffset", "tzname", "utctimetuple"},
    date: frozenset(_DAY.split()),
    time: frozenset("isoformat strftime replace utcoffset tzname".split()),
    timedelta: frozenset({"total_seconds"}),
    Decimal: frozenset("is_nan is_finite is_infinite is_signed copy_abs copy_negate".split()),
    PurePath: frozenset(
        "as_posix is_absolute is_relative_to joinpath match relative_to with_name with_stem"
        " with_suffix".split()
    ),
    UUID: frozenset(),
}

_STANDARD = frozenset(sys.stdlib_module_names)


def is_safe_method(call: object) -> bool:
    """Tell whether `call` is a bound method that only looks at its own object."""
    if isinstance(call, BuiltinFunctionType | MethodType):
        owner = call.__self__
        if owner is None or isinstance(owner, type):
            return False
        return _may_call(owner, getattr(call, "__name__", "_"))
    return False


def _may_call(owner: object, name: str) -> bool:
    """Tell by the class that brings the method: ours by the table, others if not of Python's."""
    if name.startswith("_"):
        return False
    for kind in type(owner).__mro__:
        if name not in vars(kind):
            continue
        if kind.__module__.partition(".")[0] not in _STANDARD:
            return True
        return any(
            isinstance(owner, safe) and name in names for safe, names in SAFE_METHODS.items()
        )
    return False
