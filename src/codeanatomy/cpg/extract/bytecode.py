"""What the interpreter compiles a file to: code objects, instructions, guards and basic blocks.

The code is compiled, never run. Inline caches are left out and extended arguments folded into the
instruction they belong to, whose offset is its own. All code objects of a file are read as one
array; a *place* is an index into it, in code units of two bytes.
"""

from __future__ import annotations

import dis
import sys
import warnings
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from codeanatomy.cpg.extract._locations import NOWHERE, read_guards, read_locations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codeanatomy.cpg.extract._locations import Guards, Ints
    from codeanatomy.cpg.extract._source import Source

VERSION = 1

Columns: TypeAlias = "dict[str, list[Any] | np.ndarray[Any, Any]]"

_WIDEST = 40  # characters of a constant that is shown
_LONGEST = 20  # items of a tuple that is shown
_LARGEST = 128  # bits of an integer that is shown


def extract(source: Source) -> dict[str, Columns]:
    """Return the five tables of bytecode; raises what `compile` raises."""
    codes, parents = _compiled(source)
    code = _read(codes)
    guards = read_guards(codes)
    blocks = _blocks(code, guards)
    return {
        "code_units": _unit_rows(codes, parents),
        "instructions": _instruction_rows(source, codes, code),
        "exception_table": {
            "unit": guards.unit, "start": guards.start, "end": guards.end,
            "target": guards.target, "depth": guards.depth, "lasti": guards.lasti,
        },
        "blocks": _block_rows(code, blocks),
        "block_edges": _edge_rows(code, guards, blocks),
    }  # fmt: skip


# --- what the operations are ----------------------------------------------------------------------
_KIND_NAMES = np.array(("next", "jump", "true", "false", "exception"), object)
_NEXT, _JUMP, _TRUE, _FALSE, _EXCEPTION = range(5)
_NOT = -1
_ENDS = (
    *("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"),
    *("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"),
)
_JUMPS = frozenset(dis.hasjrel)
_OPNAMES = np.array(dis.opname[:256], object)
_CACHE, _EXTENDED = dis.opmap.get("CACHE", 0), dis.EXTENDED_ARG
_PAIRS = ("LOAD_FAST_LOAD_FAST", "STORE_FAST_LOAD_FAST", "STORE_FAST_STORE_FAST")
_SHIFTS = {"LOAD_GLOBAL": 1, "LOAD_ATTR": 1, "LOAD_SUPER_ATTR": 2, **dict.fromkeys(_PAIRS, 4)}
if sys.version_info < (3, 12):
    _SHIFTS = {"LOAD_GLOBAL": 1}


def _by_opcode(row: Callable[[int, str], int]) -> Ints:
    return np.array([row(op, str(name)) for op, name in enumerate(_OPNAMES)], np.int64)


def _taken(op: int, name: str) -> int:
    """Say on what the jump is taken; an iterator that is exhausted counts as false."""
    if op not in _JUMPS:
        return _NOT
    if name in ("FOR_ITER", "SEND") or "IF_FALSE" in name:
        return _FALSE
    return _TRUE if "_IF_" in name else _JUMP


def _otherwise(op: int, name: str) -> int:
    """Say on what the next instruction follows; a test for `None` is true when it finds it."""
    if name in _ENDS:
        return _NOT
    return {_NOT: _NEXT, _FALSE: _TRUE, _TRUE: _FALSE}[_taken(op, name)]


def _pool(op: int, _: str) -> int:
    """Say in which list the argument is an index: none, names, constants or variables."""
    lists = (dis.hasname, dis.hasconst, [*dis.haslocal, *dis.hasfree])
    return next((n for n, ops in enumerate(lists, 1) if op in ops), 0)


def _has_argument(op: int, _: str) -> int:
    return op in getattr(dis, "hasarg", range(dis.HAVE_ARGUMENT, 256))


_TAKEN = _by_opcode(_taken)
_OTHERWISE = _by_opcode(_otherwise)
_POOL = _by_opcode(_pool)
_HAS_ARGUMENT = _by_opcode(_has_argument) == 1
_SHIFT = _by_opcode(lambda _, name: _SHIFTS.get(name, 0))
_PAIR = _by_opcode(lambda _, name: name in _PAIRS) == 1
_SIGN = _by_opcode(lambda op, name: (-1 if "BACKWARD" in name else 1) if op in _JUMPS else 0)


# --- reading --------------------------------------------------------------------------------------
class _Code(NamedTuple):
    """All code objects of a file, one after another; the last five have a row per instruction."""

    units: Ints  # code units of each code object
    base: Ints  # place where each code object begins
    unit: Ints  # code object at each place
    op: Ints
    arg: Ints
    place: Ints
    start: Ints  # place of its first extended argument, or its own
    end: Ints  # place after its caches


class _Blocks(NamedTuple):
    """All basic blocks of a file, and how to find them."""

    start: Ints  # place
    end: Ints  # place
    at: Ints  # the block that begins at a place or holds it
    first: Ints  # first block of each code object


def _compiled(source: Source) -> tuple[list[CodeType], list[int | None]]:
    """Compile the file; list its code objects, outermost first, and the one around each."""
    codes: list[CodeType] = []
    parents: list[int | None] = []
    waiting: list[tuple[CodeType, int | None]] = [(_compile(source), None)]
    while waiting:
        code, parent = waiting.pop()
        number = len(codes)
        codes.append(code)
        parents.append(parent)
        inner = [c for c in code.co_consts if isinstance(c, CodeType)]
        waiting.extend((c, number) for c in reversed(inner))
    return codes, parents


def _compile(source: Source) -> CodeType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return compile(source.tree, "<source>", "exec", dont_inherit=True, optimize=0)
        except RecursionError:  # the way from a deep tree is narrower than the way from its text
            text = source.text.decode("utf-8")
            return compile(text, "<source>", "exec", dont_inherit=True, optimize=0)


def _read(codes: Sequence[CodeType]) -> _Code:
    raw = [c.co_code for c in codes]
    units = np.array([len(r) // 2 for r in raw], np.int64)
    joined = b"".join(raw)
    ops = np.frombuffer(joined, np.uint8)[::2].copy()
    args = np.frombuffer(joined, np.uint8)[1::2]
    place = np.flatnonzero((ops != _CACHE) & (ops != _EXTENDED))
    arg, start = args[place].astype(np.int64), place.copy()
    at = np.flatnonzero(ops[place - 1] == _EXTENDED)  # the first place looks at the last, a return
    shift = 8
    while len(at):
        start[at] -= 1
        arg[at] |= args[start[at]].astype(np.int64) << shift
        shift += 8
        at = at[ops[start[at] - 1] == _EXTENDED]
    arg[arg >= 1 << 31] -= 1 << 32
    return _Code(
        units=units,
        base=np.cumsum(units) - units,
        unit=np.repeat(np.arange(len(codes)), units),
        op=ops[place].astype(np.int64),
        arg=arg,
        place=place,
        start=start,
        end=np.append(start[1:], len(ops)),
    )


def _blocks(code: _Code, guards: Guards) -> _Blocks:
    """Cut the code into blocks.

    A block begins at a code object, a target, after a jump or exit, and where protection changes,
    so that each block lies within one protected range or none.
    """
    begins = np.zeros(len(code.unit) + 1, np.bool_)
    begins[code.base] = True
    jumps = np.flatnonzero(_TAKEN[code.op] != _NOT)
    begins[_targets(code, jumps)] = True
    begins[code.end[_OTHERWISE[code.op] != _NEXT]] = True
    base = code.base[guards.unit]
    for offset in (guards.start, guards.end, guards.target):
        begins[base + offset // 2] = True
    start = np.flatnonzero(begins[:-1])
    number = np.cumsum(begins) - 1
    return _Blocks(start, np.append(start[1:], len(code.unit)), number, number[code.base])


def _targets(code: _Code, jumps: Ints) -> Ints:
    found: Ints = code.end[jumps] + _SIGN[code.op[jumps]] * code.arg[jumps]
    return found


# --- rows -----------------------------------------------------------------------------------------
def _unit_rows(codes: Sequence[CodeType], parents: list[int | None]) -> Columns:
    return {
        "unit": np.arange(len(codes)),
        "parent": parents,
        "qualname": [c.co_qualname for c in codes],
        "name": [c.co_name for c in codes],
        "argcount": [c.co_argcount for c in codes],
        "posonlyargcount": [c.co_posonlyargcount for c in codes],
        "kwonlyargcount": [c.co_kwonlyargcount for c in codes],
        "flags": [c.co_flags for c in codes],
        "varnames": [list(c.co_varnames) for c in codes],
        "freevars": [list(c.co_freevars) for c in codes],
        "cellvars": [list(c.co_cellvars) for c in codes],
        "first_line": [c.co_firstlineno for c in codes],
    }


def _instruction_rows(source: Source, codes: Sequence[CodeType], code: _Code) -> Columns:
    unit = code.unit[code.place]
    line, end_line, column, end_column = read_locations(codes, code.units, code.place)
    stands = (line > 0) & (column != NOWHERE) & (end_column != NOWHERE)
    at = np.flatnonzero(stands)
    begin = source.offsets(line[at], column[at])
    end = source.offsets(end_line[at], end_column[at])
    bstart, bend = np.zeros(len(line), np.int32), np.zeros(len(line), np.int32)
    bstart[at], bend[at] = source.spans(begin, end)
    return {
        "unit": unit,
        "offset": (code.place - code.base[unit]) * 2,
        "opname": _OPNAMES[code.op].tolist(),
        "arg": _nullable(code.arg, _HAS_ARGUMENT[code.op]),
        "value": _values(codes, code, unit).tolist(),
        "line": _nullable(line, line != NOWHERE),
        "end_line": _nullable(end_line, end_line != NOWHERE),
        "bstart": _nullable(bstart, stands),
        "bend": _nullable(bend, stands),
    }


def _nullable(values: np.ndarray[Any, Any], known: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Put `None` where nothing is known."""
    found: np.ndarray[Any, Any] = values.astype(object)
    found[~known] = None
    return found


def _values(codes: Sequence[CodeType], code: _Code, unit: Ints) -> np.ndarray[Any, Any]:
    """Look up what the arguments stand for, in one list of all names and constants."""
    pool: list[str | None] = []
    bases = np.zeros((4, len(codes)), np.int64)
    for number, one in enumerate(codes):
        for kind, part in enumerate((one.co_names, map(_shown, one.co_consts), _variables(one)), 1):
            bases[kind, number] = len(pool)
            pool.extend(part)
    found = np.full(len(unit), None, object)
    listed = np.array(pool, object)
    kinds = _POOL[code.op]
    at = np.flatnonzero(kinds)
    found[at] = listed[bases[kinds[at], unit[at]] + (code.arg[at] >> _SHIFT[code.op[at]])]
    at = np.flatnonzero(_PAIR[code.op])
    if len(at):
        base = bases[3, unit[at]]
        found[at] = listed[base + (code.arg[at] >> 4)] + "," + listed[base + (code.arg[at] & 15)]
    return found


def _variables(code: CodeType) -> list[str]:
    """List local, cell and free names in the order in which instructions number them."""
    local = code.co_varnames
    return [*local, *(n for n in code.co_cellvars if n not in local), *code.co_freevars]


def _shown(constant: object) -> str | None:
    """Write a constant as Python does, the same in every run; None when it would be long."""
    kind = type(constant)
    if kind is str or kind is bytes:
        text = repr(constant) if len(constant) < _WIDEST else ""  # type: ignore[arg-type]  # either has a length
    elif kind is tuple or kind is frozenset:
        text = _shown_items(constant)  # type: ignore[arg-type]  # it is one of the two
    elif isinstance(constant, CodeType):
        text = f"<code {constant.co_name}>"
    elif isinstance(constant, int) and constant.bit_length() > _LARGEST:
        text = ""
    else:
        text = repr(constant)
    return text if 0 < len(text) <= _WIDEST else None


def _shown_items(constant: tuple[object, ...] | frozenset[object]) -> str:
    """Write a tuple or a set; a set in the order of what is written, for it has no other."""
    if len(constant) > _LONGEST:
        return ""
    written: list[str] = []
    for item in constant:
        text = _shown(item)
        if text is None:
            return ""
        written.append(text)
    if isinstance(constant, tuple):
        return f"({written[0]},)" if len(written) == 1 else f"({', '.join(written)})"
    return f"frozenset({{{', '.join(sorted(written))}}})"


def _block_rows(code: _Code, blocks: _Blocks) -> Columns:
    unit = code.unit[blocks.start]
    return {
        "unit": unit,
        "block": np.arange(len(unit)) - blocks.first[unit],
        "start": (blocks.start - code.base[unit]) * 2,
        "end": (blocks.end - code.base[unit]) * 2,
    }


def _edge_rows(code: _Code, guards: Guards, blocks: _Blocks) -> Columns:
    last = np.searchsorted(code.start, blocks.end) - 1
    taken, otherwise = _TAKEN[code.op[last]], _OTHERWISE[code.op[last]]
    jumps, follows = np.flatnonzero(taken != _NOT), np.flatnonzero(otherwise != _NOT)
    follows = follows[blocks.end[follows] < len(code.unit)]
    raises, handlers = _raises(code, guards, blocks)
    src = np.concatenate((jumps, follows, raises))
    dst = np.concatenate((blocks.at[_targets(code, last[jumps])], follows + 1, handlers))
    kind = np.concatenate((taken[jumps], otherwise[follows], np.full(len(raises), _EXCEPTION)))
    order = np.lexsort((dst, kind, src))
    src, dst = src[order], dst[order]
    unit = code.unit[blocks.start[src]]
    return {
        "unit": unit,
        "src": src - blocks.first[unit],
        "dst": dst - blocks.first[unit],
        "kind": _KIND_NAMES[kind[order]].tolist(),
    }


def _raises(code: _Code, guards: Guards, blocks: _Blocks) -> tuple[Ints, Ints]:
    """Return each block that is protected, and the block of its handler."""
    base = code.base[guards.unit]
    begin = blocks.at[base + guards.start // 2]
    counts = blocks.at[base + guards.end // 2 - 1] + 1 - begin
    inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    handlers = np.repeat(blocks.at[base + guards.target // 2], counts)
    return np.repeat(begin, counts) + inside, handlers
