"""A build on its way: what its stages share, from the numbers it starts with."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg import ids
from codeanatomy.cpg.link.distributions import declared
from codeanatomy.cpg.nodes import LAYERS
from codeanatomy.cpg.stages.gate import Gate
from codeanatomy.cpg.stages.pybuiltins import builtin_names
from codeanatomy.cpg.stages.writer import Writer
from codeanatomy.kernel.errors import UnsupportedError
from codeanatomy.store import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from codeanatomy.cpg.outside.outside import Outside
    from codeanatomy.cpg.progress import Progress
    from codeanatomy.cpg.sources.reading import Read
    from codeanatomy.cpg.sources.select import Selected
    from codeanatomy.cpg.stages.asked import BuildSpec
    from codeanatomy.cpg.stages.place import Place

MOST = {"file": 1 << 27, "global": ids.MOST}
"""Numbers that keys have room for: a file's is packed beside offsets, others lie in a layer."""


class Stage:
    """The parts of one build that its stages share."""

    def __init__(
        self,
        root: Path,
        spec: BuildSpec,
        chosen: Selected,
        files: list[Read],
        place: Place,
        outside: Outside,
        began: int,
        say: Callable[[Progress], None],
    ) -> None:
        """Hand out the numbers that a build starts with."""
        self.root, self.spec, self.chosen, self.files = root, spec, chosen, files
        self.place, self.outside, self.began, self.say = place, outside, began, say
        self.writer = Writer(place.store, place.pinned, place.parts)
        self.gate = Gate()
        self.kinds: dict[str, int] = {}  # of what this repository's files alone decide
        self.linked: dict[str, int] = {}  # of what all repositories together decide
        self.timings: dict[str, float] = {}
        self.warnings: list[dict[str, Any]] = []
        self.unparsed: set[int] = set()
        self.makers: set[int] = set()
        self.agreement: dict[str, dict[str, int]] = {}  # of witnesses with our targets of calls
        self.checked: dict[str, int] = {}  # by the gate, of what each file decides alone
        self.environment = declared(root)
        self._known = numbers.known(place.store, place.pinned.get(numbers.NUMBERS.name))
        self._new: list[pa.Table] = []
        keys = [(spec.name, f.entry.path) for f in files]
        given = self.hand_out("file", keys)
        self.file_no = {path: given[spec.name, path] for _, path in keys}
        self.hand_out("global", [("builtin", n) for n in builtin_names()])
        given_globals = numbers.numbers(self._known, "global")
        self.builtins = {key: n for key, n in given_globals.items() if key[0] == "builtin"}
        self.own: dict[str, list[pa.Table]] = {}

    @property
    def where(self) -> dict[str, str]:
        """The partition of this repository."""
        return {"repo": self.spec.name}

    def hand_out(self, series: str, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the number of each key; those not known yet get the next ones."""
        wanted = list(dict.fromkeys(keys))
        fresh = numbers.assign(self._known, series, wanted)
        if fresh.num_rows:
            last = fresh["number"][-1].as_py()
            if last >= MOST[series]:
                msg = f"a store holds {MOST[series]:,} numbers of series {series!r} at most"
                raise UnsupportedError(msg, series=series, most=MOST[series])
            self._known = pa.concat_tables([*([self._known] if self._known else []), fresh])
            self._new.append(fresh)
        given = numbers.numbers(self._known, series)
        return {key: given[key] for key in wanted}

    def write_numbers(self) -> None:
        """Append the numbers that this build gave."""
        pinned = self.place.pinned.get(numbers.NUMBERS.name)
        fresh = pa.concat_tables(self._new) if self._new else numbers.NUMBERS.arrow().empty_table()
        version = numbers.hand_out(self.place.store, fresh, pinned)
        self.writer.versions[numbers.NUMBERS.name] = version

    def builtin_nid(self, name: str) -> int:
        """Return the node of a builtin."""
        return (LAYERS.index("names") << ids.LAYER_BITS) | self.builtins["builtin", name]

    def timed(self, stage: str, began: float) -> None:
        """Add CPU seconds to a stage."""
        self.timings[stage] = self.timings.get(stage, 0.0) + time.process_time() - began

    @staticmethod
    def count(rows: pa.Table, kinds: dict[str, int]) -> None:
        """Count nodes or edges by kind."""
        for entry in pc.value_counts(rows["kind"]).to_pylist():
            kind = entry["values"]
            kinds[kind] = kinds.get(kind, 0) + entry["counts"]
