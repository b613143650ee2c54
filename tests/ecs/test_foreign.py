"""Native processors: a C library built here, that works and fails in each named way."""

from __future__ import annotations

import ctypes
import gc
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from codeanatomy.ecs.components import component
from codeanatomy.ecs.errors import TickFailedError
from codeanatomy.ecs.foreign import abi, failure
from codeanatomy.ecs.foreign import processor as processor_module
from codeanatomy.ecs.foreign.abi import Slot
from codeanatomy.ecs.foreign.function import ArrowProcessor
from codeanatomy.ecs.foreign.library import load
from codeanatomy.ecs.foreign.processor import ForeignProcessor, foreign
from codeanatomy.ecs.foreign.step import Moment, Steps
from codeanatomy.ecs.world import World
from codeanatomy.kernel.errors import AnatomyError, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
COMPILER = shutil.which("cc")
pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler")


@component
class Position:
    """Where it is."""

    x: float
    y: float = 0.0


@component
class Velocity:
    """Where it goes."""

    dx: float
    dy: float


ROWS = pa.table(
    {
        "entity_id": [1, 2, 3],
        "position__x": [1.0, 2.0, 3.0],
        "position__y": [0.0, 0.0, 0.0],
        "velocity__dx": [0.5, 0.5, 0.5],
        "velocity__dy": [-1.0, -2.0, -3.0],
    }
)


def built(folder: Path, name: str, *options: str) -> Path:
    """Compile the library of the tests."""
    path = folder / f"{name}{'.dylib' if sys.platform == 'darwin' else '.so'}"
    include = Path(processor_module.__file__).parent
    warnings = ("-Wall", "-Wextra", "-Werror")
    command = [str(COMPILER), "-shared", "-fPIC", "-O1", *warnings, f"-I{include}", *options]
    subprocess.run([*command, "-o", str(path), str(HERE / "native.c")], check=True)
    return path


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the library, built once."""
    return built(tmp_path_factory.mktemp("native"), "native")


def loaded(library: Path, symbol: str, *, contained: bool = False) -> ForeignProcessor:
    """Load a processor that reads velocities and writes positions."""
    return foreign(library, symbol, reads=(Velocity,), writes=(Position,), contained=contained)


def count(library: Path, name: str) -> int:
    """Ask the library for one of its own counts."""
    function = getattr(ctypes.CDLL(str(library)), name)
    function.restype = ctypes.c_int64
    return int(function())


def test_structs_match_the_header(tmp_path: Path) -> None:
    """The structs of ctypes have the sizes the C compiler gives them."""
    source = tmp_path / "sizes.c"
    source.write_text(
        '#include "processor.h"\n#include <stdio.h>\nint main(void) { printf("%zu %zu %zu %d", '
        "sizeof(struct ArrowSchema), sizeof(struct ArrowArray), sizeof(struct AnatomyTick), "
        "ANATOMY_ABI_VERSION); return 0; }\n"
    )
    include = Path(processor_module.__file__).parent
    program = tmp_path / "sizes"
    subprocess.run([str(COMPILER), f"-I{include}", "-o", program, source], check=True)
    said = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    sizes = [ctypes.sizeof(s) for s in (abi.ArrowSchema, abi.ArrowArray, abi.AnatomyTick)]
    assert said.split() == [str(number) for number in (*sizes, abi.VERSION)]


def test_codes_match_the_header() -> None:
    """Every code of the header has its error, and every error its own stable code."""
    header = (Path(processor_module.__file__).parent / "processor.h").read_text()
    told = header.partition("enum AnatomyCode {")[2].partition("}")[0]
    numbers = {int(number) for number in re.findall(r"= (\d+)", told)}
    assert numbers - {0} == set(failure.BY_NUMBER)
    codes = [kind.code for kind in failure.BY_NUMBER.values()]
    assert len(set(codes)) == len(codes)


def test_run_by_name(library: Path) -> None:
    """A function of a library is called by name on anything that speaks Arrow."""
    move = loaded(library, "move")
    made = move.run(ROWS)
    assert made.to_pydict() == {"position__x": [1.5, 2.5, 3.5], "position__y": [-1.0, -2.0, -3.0]}


def test_run_on_a_frame(library: Path) -> None:
    """A polars frame goes in as it is; other columns do not disturb."""
    polars = pytest.importorskip("polars")
    frame = polars.from_arrow(ROWS).with_columns(other=polars.lit("x"))
    assert foreign(library, "move").run(frame).column("position__x").to_pylist() == [1.5, 2.5, 3.5]


def test_run_on_no_rows(library: Path) -> None:
    """No rows give no rows."""
    assert foreign(library, "move").run(ROWS.slice(0, 0)).num_rows == 0


def test_run_on_a_slice(library: Path) -> None:
    """A batch that is a part of a larger one has its offset respected."""
    made = foreign(library, "move").run(ROWS.slice(1, 2))
    assert made.column("position__x").to_pylist() == [2.5, 3.5]


def test_describes_itself(library: Path) -> None:
    """A library may say itself which columns it reads and writes."""
    move = foreign(library, "move")
    assert move.reads == ("position", "velocity")
    assert move.writes == ("position",)
    assert move.needed.names == ["entity_id", *ROWS.column_names[1:]]


def test_says_nothing(library: Path) -> None:
    """One that does not describe itself needs the components named."""
    with pytest.raises(SpecError, match="staged_describe"):
        foreign(library, "staged")


def test_ownership(library: Path) -> None:
    """What the library gave is released when nobody reads it any more, and not before."""
    gc.collect()
    before = count(library, "live_exports")
    made = loaded(library, "move").run(ROWS)
    column = made.column("position__x").to_numpy()
    assert count(library, "live_exports") > before
    del made
    gc.collect()
    assert column.tolist() == [1.5, 2.5, 3.5]
    del column
    gc.collect()
    assert count(library, "live_exports") == before


def test_output_of_a_failure_is_released(library: Path) -> None:
    """A function that fails after filling its output leaves nothing behind."""
    before = count(library, "live_exports")
    with pytest.raises(failure.ForeignError, match="too late"):
        loaded(library, "fail_late").run(ROWS)
    assert count(library, "live_exports") == before


def test_input_is_released(library: Path) -> None:
    """The rows are given back to Arrow when the step has ended, whether the library kept them."""
    gc.collect()
    before = pa.total_allocated_bytes()
    rows = pa.table({name: pa.array([1.0] * 100_000) for name in ROWS.column_names[1:]})
    rows = rows.add_column(0, "entity_id", pa.array(range(100_000)))
    for symbol in ("move", "staged"):
        loaded(library, symbol).run(rows)
    del rows
    gc.collect()
    assert pa.total_allocated_bytes() == before


def test_steps(library: Path) -> None:
    """Begin, commit and abort are explicit, one step a table."""
    staged = loaded(library, "staged")
    aborted = count(library, "steps_aborted")
    staged.begin(ROWS, archetype=("a",))
    staged.begin(ROWS.slice(1), archetype=("b",))
    assert staged.in_flight == (("a",), ("b",))
    assert count(library, "steps_open") == 2
    assert staged.commit(("b",)).num_rows == 2
    staged.abort(("a",))
    staged.abort(("a",))
    assert list(staged.in_flight) == []
    assert count(library, "steps_open") == 0
    assert count(library, "steps_aborted") == aborted + 1


@pytest.mark.parametrize("symbol", ["move", "staged"])
def test_in_flight(library: Path, symbol: str) -> None:
    """A second begin at the same table is refused, and the first step stands."""
    step = loaded(library, symbol)
    step.begin(ROWS)
    with pytest.raises(failure.InFlightError):
        step.begin(ROWS)
    assert step.commit().num_rows == 3


@pytest.mark.parametrize("symbol", ["move", "staged"])
def test_not_in_flight(library: Path, symbol: str) -> None:
    """A commit without a begin is refused."""
    with pytest.raises(failure.NotInFlightError):
        loaded(library, symbol).commit()


def test_failed_commit_aborts(library: Path) -> None:
    """A step whose commit fails is aborted: the library drops what it kept."""
    staged = loaded(library, "staged")
    bad = ROWS.set_column(1, "position__x", pa.array([-1.0, 0.0, 0.0]))
    with pytest.raises(failure.ForeignError, match="x is negative"):
        staged.run(bad)
    assert list(staged.in_flight) == []
    assert count(library, "steps_open") == 0


def test_output_not_empty(library: Path) -> None:
    """A place that still holds an array is not written over, and the step can still end."""
    steps = Steps(load(library, "move"))
    place = Slot()
    place.put(ROWS.to_batches()[0])
    steps.begin(ROWS.to_batches()[0], Moment())
    with pytest.raises(failure.OutputNotEmptyError):
        steps.commit((), place)
    place.release()
    assert steps.commit((), place).num_rows == 3


def test_missing_column(library: Path) -> None:
    """Called by name, rows without a needed column are the caller's error."""
    with pytest.raises(failure.MissingColumnError, match="velocity__dy") as caught:
        foreign(library, "move").run(ROWS.drop_columns(["velocity__dy"]))
    assert caught.value.facts["column"] == "velocity__dy"


def test_wrong_type(library: Path) -> None:
    """A column of another type is refused, never converted."""
    rows = ROWS.set_column(1, "position__x", pa.array([1, 2, 3]))
    with pytest.raises(failure.WrongTypeError, match="double"):
        foreign(library, "move").run(rows)


def test_several_batches(library: Path) -> None:
    """Rows in several batches are refused."""
    with pytest.raises(failure.SeveralBatchesError, match="combine_chunks"):
        foreign(library, "move").run(pa.concat_tables([ROWS, ROWS]))


def test_missing_library(tmp_path: Path) -> None:
    """A path without a file, and a file that is no library, are named."""
    with pytest.raises(failure.MissingLibraryError, match="there is no library"):
        foreign(tmp_path / "none.so", "move")
    (tmp_path / "text.so").write_text("no library")
    with pytest.raises(failure.MissingLibraryError, match="cannot be loaded"):
        foreign(tmp_path / "text.so", "move")


@pytest.mark.parametrize(("symbol", "missing"), [("mvoe", "mvoe"), ("half", "half_commit")])
def test_missing_symbol(library: Path, symbol: str, missing: str) -> None:
    """What the library should export and does not is named."""
    with pytest.raises(failure.MissingSymbolError) as caught:
        loaded(library, symbol)
    missed = caught.value.facts["missing"]
    assert isinstance(missed, tuple)
    assert missing in missed


VERSIONS = [("7", "has the ABI version 7"), ("0", "does not say")]


@pytest.mark.parametrize(("version", "says"), VERSIONS)
def test_abi_mismatch(tmp_path: Path, version: str, says: str) -> None:
    """A library built for another version, or without one, is not called."""
    other = built(tmp_path, f"v{version}", f"-DOTHER_VERSION={version}")
    with pytest.raises(failure.AbiMismatchError, match=says):
        foreign(other, "move")


@pytest.mark.parametrize("number", sorted({*failure.BY_NUMBER, 99}))
def test_code_of_the_library(library: Path, number: int) -> None:
    """Each code that a library returns raises its named error with the library's words."""
    kind = failure.BY_NUMBER.get(number, failure.ForeignError)
    with pytest.raises(kind, match="told by the library") as caught:
        loaded(library, f"fail_{number}").run(ROWS)
    assert type(caught.value) is kind
    assert caught.value.facts["number"] == number


MISMATCHES = {
    "gives_nothing": "no rows back",
    "gives_too_few": "2 rows for 3",
    "gives_other_name": "does not declare to write",
    "gives_other_type": "position__y as int64",
    "gives_nonsense": "no batch of rows",
}


@pytest.mark.parametrize("symbol", MISMATCHES)
def test_schema_mismatch(library: Path, symbol: str) -> None:
    """What comes back must be the declared columns of the same rows."""
    with pytest.raises(failure.SchemaMismatchError, match=MISMATCHES[symbol]):
        loaded(library, symbol).run(ROWS)


def moving(processor: object) -> World:
    """Give a world with two tables that a processor moves, and one that it leaves alone."""
    world = World(components=(Position, Velocity), processors=(processor,), seed=5)
    world.spawn_batch({"position__x": np.arange(3.0)}, (Position, Velocity(1.0, -0.5)))
    world.spawn(Position(9.0))
    return world


def test_scheduled(library: Path) -> None:
    """In a world, the processor moves the tables that have its components."""
    with moving(loaded(library, "move")) as world:
        world.run(3)
        moved = world.tables["position", "velocity"]
        assert moved.columns["position__x"].tolist() == [2.0, 3.0, 4.0]
        assert moved.columns["position__y"].tolist() == [-1.0, -1.0, -1.0]
        assert world.tables["position",].columns["position__x"].tolist() == [9.0]


def test_scheduled_without_a_column(library: Path) -> None:
    """In a schedule, a table that lacks a needed column is one the processor does not apply to."""
    move = foreign(library, "move", reads=(Position,), writes=(Position,))
    with World(processors=(move,)) as world:
        world.spawn(Position(1.0))
        world.run(2)
        assert world.tables["position",].columns["position__x"].tolist() == [1.0]


def test_hears_of_the_tick(library: Path) -> None:
    """A library is told the tick, the rows, the table, and a chance that a replay repeats."""
    seen = []
    for _ in range(2):
        with moving(loaded(library, "tell")) as world:
            world.run(2)
            seen.append(world.tables["position", "velocity"].columns)
    assert seen[0]["position__x"].tolist() == [302.0] * 3
    assert seen[0]["position__y"].tolist() == seen[1]["position__y"].tolist()


def test_failure_in_a_tick(library: Path) -> None:
    """A library that fails leaves the world as it was."""
    with moving(loaded(library, "fail_1")) as world:
        with pytest.raises(TickFailedError, match="told by the library"):
            world.step()
        assert world.tick == 0
        assert len(world.pending) == 2


def dies(library: Path, symbol: str) -> Callable[[], object]:
    """Run a symbol contained."""

    def run() -> object:
        with loaded(library, symbol, contained=True) as processor:
            return processor.run(ROWS)

    return run


def test_contained(library: Path) -> None:
    """A contained library gives the same rows; what it prints disturbs nothing."""
    with loaded(library, "prints", contained=True) as prints:
        made = prints.run(ROWS)
        prints.begin(ROWS, archetype=("a",))
        prints.abort(("a",))
        assert list(prints.in_flight) == []
    assert made.to_pydict() == loaded(library, "move").run(ROWS).to_pydict()


def test_contained_describes_itself(library: Path) -> None:
    """A contained library describes itself as one in this process."""
    with foreign(library, "move", contained=True) as move:
        assert move.needed == foreign(library, "move").needed
        assert move.given == foreign(library, "move").given


@pytest.mark.parametrize(("symbol", "signal"), [("aborts", "SIGABRT"), ("faults", "SIGSEGV")])
def test_panic_is_contained(library: Path, symbol: str, signal: str) -> None:
    """A library that dies in its own process is a named error, and the next step starts anew."""
    with loaded(library, symbol, contained=True) as processor:
        for _ in range(2):
            with pytest.raises(failure.PanicError) as caught:
                processor.run(ROWS)
            assert caught.value.facts["signal"] == signal


CONTAINED_FAILURES: dict[str, type[AnatomyError]] = {
    "fail_3": failure.WrongTypeError,
    "fail_10": failure.PanicError,
    "gives_too_few": failure.SchemaMismatchError,
    "mvoe": failure.MissingSymbolError,
}


@pytest.mark.parametrize("symbol", CONTAINED_FAILURES)
def test_contained_failure(library: Path, symbol: str) -> None:
    """The errors of a contained library are those of one in this process."""
    with pytest.raises(CONTAINED_FAILURES[symbol]):
        dies(library, symbol)()


def shifted(batch: pa.RecordBatch) -> object:
    """Give the rows back as a polars frame, moved."""
    polars = pytest.importorskip("polars")
    frame = polars.from_arrow(batch)
    return frame.select("entity_id", position__x=polars.col("position__x") + 10.0).rechunk()


def test_arrow_function() -> None:
    """A function from Arrow to any library that speaks Arrow is a processor too."""
    with moving(ArrowProcessor(shifted, reads=(Velocity,), writes=(Position,))) as world:
        world.run(2)
        moved = world.tables["position", "velocity"]
        assert moved.columns["position__x"].tolist() == [10.0, 11.0, 12.0]


BAD_FUNCTIONS: dict[str, tuple[Callable[[pa.RecordBatch], object], str]] = {
    "no rows": (lambda _: 3, "no Arrow rows"),
    "several": (lambda b: pa.Table.from_batches([b, b]).select([1]), "combine them"),
    "reordered": (lambda b: b.select([0, 3]).take(pa.array([1, 0, 2])), "other entity ids"),
    "another column": (lambda b: b, "does not declare"),
}


@pytest.mark.parametrize("case", BAD_FUNCTIONS)
def test_arrow_function_fails(case: str) -> None:
    """What such a function gives back must be declared columns of the same rows."""
    function, says = BAD_FUNCTIONS[case]
    bad = ArrowProcessor(function, reads=(Velocity,), writes=(Position,), name="bad")
    world = World(components=(Position, Velocity))
    world.spawn_batch({"position__x": np.arange(3.0)}, (Position, Velocity(1.0, -0.5)))
    world.step()
    world.schedule.add(bad)
    with world, pytest.raises(TickFailedError, match=says):
        world.step()
