"""A library: loaded by path, its ABI version checked, the functions of one processor found."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.ecs.foreign.abi import (
    MESSAGE_BYTES,
    VERSION,
    AnatomyTick,
    ArrowArray,
    ArrowSchema,
    Slot,
)
from codeanatomy.ecs.foreign.failure import (
    AbiMismatchError,
    MissingLibraryError,
    MissingSymbolError,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

_SCHEMA, _ARRAY = ctypes.POINTER(ArrowSchema), ctypes.POINTER(ArrowArray)
_TOLD = [ctypes.c_char_p, ctypes.c_int64]
_BEGIN = [ctypes.POINTER(AnatomyTick), _SCHEMA, _ARRAY, ctypes.POINTER(ctypes.c_void_p), *_TOLD]
_COMMIT = [ctypes.c_void_p, _SCHEMA, _ARRAY, *_TOLD]
_PROCESS = [ctypes.POINTER(AnatomyTick), _SCHEMA, _ARRAY, _SCHEMA, _ARRAY, *_TOLD]


class Functions(NamedTuple):
    """What a library exports for one processor: `process`, or `begin`, `commit` and `abort`."""

    where: str
    process: Any
    begin: Any
    commit: Any
    abort: Any
    describe: Any

    @property
    def staged(self) -> bool:
        """Whether the library itself knows begin, commit and abort."""
        return self.begin is not None

    def checked(self, call: Callable[..., int], *arguments: object) -> None:
        """Call a function that returns a code; raises its error."""
        message = ctypes.create_string_buffer(MESSAGE_BYTES)
        number = call(*arguments, message, MESSAGE_BYTES)
        if number:
            raise told(number, message.value.decode(errors="replace"), self.where)

    def described(self) -> tuple[pa.Schema, pa.Schema] | None:
        """Give the columns it says it reads and writes; nothing when it does not say."""
        if self.describe is None:
            return None
        reads, writes = Slot(), Slot()
        try:
            number = self.describe(ctypes.byref(reads.schema), ctypes.byref(writes.schema))
            if number:
                raise told(number, "it cannot describe itself", self.where)
            return reads.take_schema(self.where), writes.take_schema(self.where)
        finally:
            reads.release()
            writes.release()


def load(path: str | Path, symbol: str) -> Functions:
    """Find a processor in a library.

    Raises `MissingLibraryError`, `AbiMismatchError`, `MissingSymbolError`. Loading runs the
    library's own start: load only what you would run.
    """
    library = _opened(Path(path))
    where = f"{symbol} of {Path(path).name}"
    _check_version(library, Path(path))
    begin = _function(library, f"{symbol}_begin", _BEGIN)
    commit = _function(library, f"{symbol}_commit", _COMMIT)
    abort = _function(library, f"{symbol}_abort", [ctypes.c_void_p], None)
    process = _function(library, symbol, _PROCESS)
    describe = _function(library, f"{symbol}_describe", [_SCHEMA, _SCHEMA])
    parts = {"_begin": begin, "_commit": commit, "_abort": abort}
    missing = [f"{symbol}{end}" for end, found in parts.items() if found is None]
    if missing and (process is None or len(missing) < len(parts)):
        absent = missing if len(missing) < len(parts) else [symbol]
        raise MissingSymbolError(
            f"{Path(path).name} exports no {' and no '.join(absent)}; a processor is one function "
            f"{symbol}, or {symbol}_begin, {symbol}_commit and {symbol}_abort",
            path=str(path),
            symbol=symbol,
            missing=tuple(absent),
        )
    return Functions(where, process, begin, commit, abort, describe)


def _opened(path: Path) -> ctypes.CDLL:
    if not path.is_file():
        raise MissingLibraryError(
            f"there is no library {path}; give the path of the file the compiler made",
            path=str(path),
        )
    try:
        return ctypes.CDLL(str(path.resolve()))
    except OSError as error:
        raise MissingLibraryError(
            f"{path} cannot be loaded: {error}", path=str(path), reason=str(error)
        ) from error


def _check_version(library: ctypes.CDLL, path: Path) -> None:
    function = _function(library, "anatomy_abi_version", [], ctypes.c_uint32)
    found = None if function is None else int(function())
    if found != VERSION:
        says = "does not say its ABI version" if found is None else f"has the ABI version {found}"
        raise AbiMismatchError(
            f"{path.name} {says}, and {VERSION} is needed; build it with the processor.h of this "
            "program and export anatomy_abi_version",
            path=str(path),
            found=found,
            wanted=VERSION,
        )


def _function(
    library: ctypes.CDLL,
    name: str,
    arguments: list[Any],
    result: Any = ctypes.c_int32,  # noqa: ANN401 - a ctypes type or None
) -> Any:  # noqa: ANN401 - a foreign function or None
    try:
        found = getattr(library, name)
    except AttributeError:
        return None
    found.argtypes = arguments
    found.restype = result
    return found
