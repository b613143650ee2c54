"""What a step changed in a state, found and stored without writing the state again.

A `Tracker` remembers the last recorded state: its values, and the bytes of those that can be
changed in place. A value that is the same object and cannot change is not looked at; every other
one is encoded and its bytes are compared, so that a value mutated in place is seen. What changed
is stored whole, or as a patch of the bytes it had where that is less than half.

One limit, for speed: of a container that was mutated in place, MessagePack's own types are
compared, so that a list deep inside that gave way to a tuple of equal members shows with the next
change of its key.
"""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING, Any, Final

import msgspec

from codeanatomy.workflow.errors import StateBytesError
from codeanatomy.workflow.state import ATOMS, decode_value, encode_value, is_native, text_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.workflow.secrecy import Secrets

Image = dict[str, bytes]
"""A state taken apart: the bytes of each value."""

NO_CHANGE: Final = b"\x93\x80\x80\x90"
"""The bytes of a change that changes nothing."""

_SMALL = 512
_HUNKS = 8
_BLOCK = 4096
_MISSING: Final = object()
_pack: Final = msgspec.msgpack.Encoder().encode


class Patch(msgspec.Struct, array_like=True, frozen=True):
    """How the bytes of a value became others: bytes overwritten, then one stretch replaced."""

    overwritten: list[tuple[int, bytes]]
    start: int
    kept: int  # bytes at the end that stay
    middle: bytes


class Delta(msgspec.Struct, array_like=True, frozen=True):
    """What differs between two states: values set, values patched, keys taken away."""

    put: dict[str, msgspec.Raw]
    patched: dict[str, Patch]
    gone: list[str]


class Found:
    """A comparison that a tracker made and may yet take over; `data` is what is stored."""

    __slots__ = ("data", "exact", "gone", "prints", "values")

    def __init__(self) -> None:
        self.data = NO_CHANGE
        self.values: dict[str, object] = {}
        self.prints: dict[str, bytes | None] = {}
        self.exact: dict[str, bytes] = {}
        self.gone: list[str] = []


class Tracker:
    """The last recorded state of a lane, and what is needed to compare the next with it."""

    __slots__ = ("_exact", "_prints", "_secrets", "_values")

    def __init__(self, state: Mapping[str, object], secrets: Secrets | None = None) -> None:
        self._values: dict[str, object] = {}
        self._prints: dict[str, bytes] = {}
        self._exact: dict[str, bytes] = {}
        self._secrets = secrets or None
        self.take(self.compare(state))

    def fork(self) -> Tracker:
        """Return a tracker that goes its own way from here; it shares what cannot change."""
        other = Tracker({}, self._secrets)
        copies = (dict(self._values), dict(self._prints), dict(self._exact))
        other._values, other._prints, other._exact = copies
        return other

    def compare(self, state: Mapping[str, object]) -> Found:
        """Find what differs from the last state; nothing is taken over yet."""
        found, values, prints = Found(), self._values, self._prints
        put: dict[str, msgspec.Raw] = {}
        patched: dict[str, Patch] = {}
        known = 0
        for key, value in state.items():
            prior = values.get(key, _MISSING)
            if prior is not _MISSING:
                known += 1
                if value is prior and key not in prints:
                    continue
            self._look(key, value, prior, found, put, patched)
        if known != len(values):
            found.gone = [key for key in values if key not in state]
        if put or patched or found.gone:
            gone = [self._secrets.clean(k) for k in found.gone] if self._secrets else found.gone
            found.data = _pack(Delta(put, patched, gone))
        return found

    def take(self, found: Found) -> None:
        """Make the state that was compared the last one."""
        self._values.update(found.values)
        for key, data in found.prints.items():
            if data is None:
                self._prints.pop(key, None)
            else:
                self._prints[key] = data
            self._exact.pop(key, None)
        self._exact.update(found.exact)
        for key in found.gone:
            del self._values[key]
            self._prints.pop(key, None)
            self._exact.pop(key, None)

    def image(self) -> Image:
        """Return the bytes of the last state, value by value."""
        return {key: self._bytes(key, value) for key, value in self._values.items()}

    def _bytes(self, key: str, value: object) -> bytes:
        found = self._exact.get(key) or self._prints.get(key)
        return encode_value(value, key, self._secrets) if found is None else found

    def _look(
        self,
        key: str,
        value: object,
        prior: object,
        found: Found,
        put: dict[str, msgspec.Raw],
        patched: dict[str, Patch],
    ) -> None:
        """Compare one value with the one before it."""
        shown = None if type(value) in ATOMS else _print(value)
        kept = shown is not None and _shares(value, prior)
        if kept and shown == self._prints.get(key):
            found.values[key] = value
            return
        tail = value
        if kept and shown is not None and key in self._prints and key not in self._exact:
            tail = _appended(value, self._prints[key], shown)
        exact = self._encode(text_key(key), value, shown, tail)
        before = None if prior is _MISSING else self._bytes(key, prior)
        _note(key, value, shown, exact, found)
        if before == exact:
            return
        name = self._secrets.clean(key) if self._secrets else key
        patch = None
        if before is not None and len(exact) >= _SMALL:
            grew = exact is shown and tail is not value
            patch = _appending(before, exact) if grew else make_patch(before, exact)
        if patch is None:
            put[name] = msgspec.Raw(exact)
        else:
            patched[name] = patch

    def _encode(self, key: str, value: object, shown: bytes | None, tail: object) -> bytes:
        """Return the bytes to store: those of the comparison, where nothing is lost in them."""
        secret = shown is not None and self._secrets is not None and self._secrets.inside(shown)
        if shown is not None and not secret and is_native(tail):
            return shown
        return encode_value(value, key, self._secrets)


def apply(image: Image, change: bytes) -> None:
    """Make the change of a step in a state that is taken apart."""
    delta = _decode(change)
    for key, raw in delta.put.items():
        image[key] = bytes(raw)
    for key, patch in delta.patched.items():
        if key not in image:
            raise StateBytesError(f"the bytes change {key!r}, which the state does not have")
        image[key] = patch_bytes(image[key], patch)
    for key in delta.gone:
        image.pop(key, None)


def changed_values(change: bytes, after: Image) -> dict[str, Any]:
    """Return the values that a change set, whole, from the state after it."""
    delta = _decode(change)
    keys = [*delta.put, *delta.patched]
    return {key: decode_value(after[key]) for key in keys if key in after}


def gone_keys(change: bytes) -> list[str]:
    """Return the keys that a change took away."""
    return _decode(change).gone


def make_patch(before: bytes, after: bytes) -> Patch | None:
    """Return what makes `after` of `before`; None where that is more than half of it."""
    shorter = min(len(before), len(after))
    overwritten: list[tuple[int, bytes]] = []
    at = 0
    for _ in range(_HUNKS):
        at = _same_until(before, after, at, shorter)
        again = _same_again(before, after, at)
        if again is None:
            break
        overwritten.append((at, after[at:again]))
        at = again
    kept = _same_at_end(before, after, shorter - at)
    middle = after[at : len(after) - kept]
    if len(middle) + sum(len(piece) for _, piece in overwritten) > len(after) // 2:
        return None
    return Patch(overwritten, at, kept, middle)


def _appending(before: bytes, after: bytes) -> Patch:
    """Return the patch of a list that only grew: another count, and the new members."""
    width = _HEADS[after[0]]
    return Patch([(0, after[:width])], len(before), 0, after[len(before) :])


def patch_bytes(before: bytes, patch: Patch) -> bytes:
    """Return the bytes that a patch makes."""
    data = bytearray(before)
    for at, piece in patch.overwritten:
        data[at : at + len(piece)] = piece
    data[patch.start : len(before) - patch.kept] = patch.middle
    return bytes(data)


def _decode(change: bytes) -> Delta:
    try:
        return _DECODE(change)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise StateBytesError(f"the bytes hold no change of a state: {error}") from error


def _note(key: str, value: object, shown: bytes | None, exact: bytes, found: Found) -> None:
    found.values[key] = value
    if type(value) in ATOMS:
        found.prints[key] = None
        return
    found.prints[key] = exact if shown is None else shown
    if shown != exact:
        found.exact[key] = exact


def _print(value: object) -> bytes | None:
    """Encode a value fast, not exactly; None where that cannot be done."""
    try:
        return _fast(value)
    except Exception:  # noqa: BLE001 - whatever is wrong, the exact encoder says it by name
        return None


def _hook(value: object) -> str:
    if type(value) in ATOMS:
        return str(value)
    raise TypeError


def _shares(value: object, prior: object) -> bool:
    """Say whether a value is the one before, or a copy that holds the same objects."""
    if value is prior:
        return True
    if type(value) is not type(prior):
        return False
    if type(value) is list:
        return all(map(is_, value, prior))  # type: ignore[call-overload] # lists, both
    return type(value) is dict and all(map(is_, value.values(), prior.values()))  # type: ignore[attr-defined] # dicts, both


def _appended(value: object, before: bytes, after: bytes) -> object:
    """Return the members that a list grew by, where nothing else of it changed; else all of it."""
    if type(value) is not list or before[:1] != after[:1] or before[0] not in _HEADS:
        return value
    width = _HEADS[before[0]]
    count = int.from_bytes(before[1:width], "big") if width > 1 else before[0] & 0x0F
    return value[count:] if after.startswith(before[width:], width) else value


def _same_until(before: bytes, after: bytes, at: int, end: int) -> int:
    """Return where the two begin to differ, from `at` on."""
    step = _BLOCK
    while at < end:
        stop = min(at + step, end)
        if before[at:stop] == after[at:stop]:
            at = stop
        elif step == 1:
            break
        else:
            step = max(1, min(step, stop - at) // 2)
    return at


def _same_at_end(before: bytes, after: bytes, room: int) -> int:
    """Return how many bytes at the end are the same."""
    kept, step = 0, _BLOCK
    while kept < room:
        more = min(step, room - kept)
        one = before[len(before) - kept - more : len(before) - kept]
        if one == after[len(after) - kept - more : len(after) - kept]:
            kept += more
        elif more == 1:
            break
        else:
            step = max(1, more // 2)
    return kept


def _same_again(before: bytes, after: bytes, at: int) -> int | None:
    """Return the first place a few bytes further on where the two agree for a while."""
    for place in range(at + 1, min(at + _NEAR, len(before) - _AGREED, len(after) - _AGREED)):
        stop = place + _AGREED
        if before[place:stop] == after[place:stop]:
            return place
    return None


_NEAR = 12
_AGREED = 16
_HEADS: Final = {**dict.fromkeys(range(0x90, 0xA0), 1), 0xDC: 3, 0xDD: 5}
_fast: Final = msgspec.msgpack.Encoder(enc_hook=_hook).encode
_DECODE: Final = msgspec.msgpack.Decoder(Delta).decode
