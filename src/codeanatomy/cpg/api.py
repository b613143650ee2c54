"""The Python API: build a graph, open one, ask it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING
from weakref import WeakMethod

from codeanatomy.cpg import config as settings
from codeanatomy.cpg import query
from codeanatomy.cpg.graph.node import find, preferred
from codeanatomy.cpg.graph.result import Result
from codeanatomy.cpg.graph.snapshot import Snapshot
from codeanatomy.kernel.errors import AnatomyError, Phase, UnknownNameError, UnsupportedError
from codeanatomy.store import manifest as manifests
from codeanatomy.store.open import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from codeanatomy.cpg.config import Config
    from codeanatomy.cpg.graph.node import Node
    from codeanatomy.cpg.graph.scip import Exported
    from codeanatomy.cpg.query._answer import Answer
    from codeanatomy.cpg.query.diagnose import Diagnosis
    from codeanatomy.cpg.query.show import Shown
    from codeanatomy.cpg.resolve.confidence import Line
    from codeanatomy.kernel.plan import Plan
    from codeanatomy.kernel.schema import Table
    from codeanatomy.store.manifest import Manifest


SCHEMES = ("delta", "parquet")
"""The kinds of store that a graph can lie in."""


class NoGraphError(AnatomyError):
    """There is no graph in that place; the message says how to build one."""

    code = "no-graph"
    phase = Phase.STORE
    exit_status = 2


class NoPlanError(AnatomyError):
    """A version was made by another plan than this program's, and the store lost its copy."""

    code = "no-plan"
    phase = Phase.COMPILE
    exit_status = 1


def build(  # noqa: PLR0913 - one keyword for each setting of a build that people change
    path: str | Path = ".",
    store: str | Path | None = None,
    *,
    name: str | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    evidence: Sequence[str] = (),
    layers: Sequence[str] = (),
    python: str | Path | None = None,
    jobs: int | None = None,
    cache: bool = True,
    verify: bool = False,
    progress: Callable[..., None] | None = None,
) -> Graph:
    """Build the graph of the repository at `path` and open it.

    What is not given comes from `codeanatomy.toml` or `pyproject.toml` of the repository; the
    environment is not read. `progress` is called with each step of the way. Raises what a build
    raises: `ConfigError`, `RuleViolatedError`, `StoreError` ...; the store is then unchanged.
    """
    given = {
        "store": None if store is None else str(store),
        "name": name,
        "include": include or None,
        "exclude": exclude or None,
        "evidence": evidence or None,
        "layers": layers or None,
        "python": None if python is None else str(python),
        "jobs": jobs,
        "cache": None if cache else False,
        "verify": verify or None,
    }
    root = Path(path)
    return built(root, settings.resolve(root, given, {}), progress)


def built(root: Path, config: Config, progress: Callable[..., None] | None = None) -> Graph:
    """Build the repository at `root` as a whole configuration says, and open the graph."""
    from codeanatomy.cpg.build import build as run  # noqa: PLC0415 - opening a graph needs none of it

    store = store_of(root, config)
    places = {name: placed(root, config, name) for name in ("cache_dir", "python", "scip_index")}
    values = {**config.values, "store": store, **places}
    run(root, config._replace(values=values), progress)
    return open(
        store, size=config.text("engine_size") or "auto", memory_bytes=config.number("memory_limit")
    )


def store_of(root: Path, config: Config) -> str:
    """Return where the store is."""
    return placed(root, config, "store") or ".codeanatomy"


def placed(root: Path, config: Config, name: str) -> str | None:
    """Return a setting that is a place: a path in a file of settings counts from its folder."""
    place = config.text(name)
    in_file = config.sources[name].startswith((settings.FILE, settings.PROJECT))
    if place is None or not in_file or "://" in place:
        return place
    return str(root / Path(place).expanduser())


def open(  # noqa: A001 - read as `codeanatomy.open`
    store: str | Path = ".codeanatomy",
    version: int | None = None,
    size: str = "auto",
    memory_bytes: int | None = None,
) -> Graph:
    """Open the newest version of the graph in a store, or the one asked for.

    `store` is a folder or an address such as `parquet://FOLDER`. `size` (auto, small, medium or
    large) and `memory_bytes` say how much of the machine questions may use. Raises
    `NoGraphError` where nothing was ever built, `UnknownVersionError`.
    """
    root = folder_of(store)
    found = manifests.latest(root)
    if found is None:
        raise NoGraphError(
            f"no graph in {store}; `codeanatomy build REPO -s {quote(str(store))}` makes one",
            store=str(store),
        )
    if version is not None and version != found.number:
        found = manifests.read(root, version)
    kind = found.facts.get("backend", "delta")
    if "://" not in str(store) and kind != "delta":
        store = f"{kind}://{root}"
    return Graph(store, found, size, memory_bytes)


def folder_of(store: str | Path) -> Path:
    """Return the folder of a store; raises `UnsupportedError` for one that is no folder."""
    scheme, address, place = str(store).partition("://")
    if not address:
        return Path(store).expanduser()
    if scheme not in SCHEMES:
        known = " or ".join(f"{scheme}://FOLDER" for scheme in SCHEMES)
        raise UnsupportedError(
            f"{store}: a graph lies in a folder: a path, {known}", uri=str(store)
        )
    return Path(place).expanduser()


class Graph:
    """One version of a code property graph; `open` and `build` give one."""

    def __init__(
        self, store: str | Path, manifest: Manifest, size: str, memory_bytes: int | None
    ) -> None:
        self.store = str(store)
        self._limits = (size, memory_bytes)
        self._snapshot = Snapshot(open_store(store), manifest, size, memory_bytes)
        rows = WeakMethod(self._rows)  # the session would keep the graph, and the graph it
        for question in query.QUESTIONS:
            self._snapshot.function(question.name, partial(_called, rows, question.name))

    @property
    def manifest(self) -> Manifest:
        """The manifest that pins this version, with the facts of the build that made it."""
        return self._snapshot.manifest

    @property
    def version(self) -> int:
        """The number of this version."""
        return self.manifest.number

    @property
    def absent(self) -> dict[str, str]:
        """Why each declared table, view, node kind or edge kind that is not there is not."""
        return dict(self._snapshot.absent)

    def at(self, version: int) -> Graph:
        """Open another version of the same store; raises `UnknownVersionError`."""
        return open(self.store, version, *self._limits)

    def history(self) -> list[Manifest]:
        """List the manifests of every version, oldest first."""
        return manifests.history(folder_of(self.store))

    def sql(self, text: str) -> Result:
        """Answer one SELECT over the tables and views that `tables` lists.

        Raises `QueryError` for SQL that is not valid or would do more than read.
        """
        return Result(self._snapshot.sql(text))

    def tables(self) -> tuple[Table, ...]:
        """Return every table and view that is there, with columns and meanings, by name."""
        return self._snapshot.tables()

    def nodes(
        self,
        kind: str | None = None,
        name: str | None = None,
        qualified_name: str | None = None,
        path: str | None = None,
    ) -> list[Node]:
        """List the nodes that are all that is given, by file and place.

        Raises `UnknownNameError` for a kind that is not declared, `NotAnalysedError` for one that
        this version does not have.
        """
        return find(self._snapshot, kind=kind, name=name, qualified_name=qualified_name, path=path)

    def node(self, which: int | str) -> Node:
        """Return one node by its `nid`, `node_id` or qualified name.

        Of several nodes of one qualified name it is the variable or attribute that stands for all
        statements that give the name, else the first in its file; package and repository are last.

        Raises `UnknownNameError` when there is none.
        """
        if isinstance(which, int):
            found = find(self._snapshot, nid=which)
        else:
            found = find(self._snapshot, qualified_name=which)
            found = found or find(self._snapshot, node_id=which)
        if not found:
            raise UnknownNameError(f"no node {which!r} in this version", name=which)
        return preferred(found)[0]

    def find(self, text: str) -> list[Node]:
        """List the definitions that a name or `FILE:LINE` may mean; raises `NoMatchError`."""
        from codeanatomy.cpg.query.show import matches  # noqa: PLC0415 - a question is loaded when asked

        return matches(self._snapshot, text)

    def show(self, node: Node) -> Shown:
        """Tell all about one node: source lines as far as they are unchanged, and neighbours."""
        from codeanatomy.cpg.query.show import show  # noqa: PLC0415 - a question is loaded when asked

        return show(self._snapshot, node)

    def ask(self, question: str, /, *given: object, **named: object) -> Answer:
        """Ask one of the questions of the reference; each is also a method: `graph.callers("f")`.

        A definition is given by a name, the last parts of a qualified name, `FILE:LINE`, a
        node_id, a nid or a `Node`. Raises `AmbiguousNameError` where that means several,
        `NoMatchError` where none, `SpecError` for what the question is not given as declared.
        """
        from codeanatomy.cpg.query._ask import ask  # noqa: PLC0415 - a question is loaded when asked

        return ask(self._snapshot, self.find, question, given, named)

    def __getattr__(self, name: str) -> Callable[..., Answer]:
        if name not in query.BY_NAME:
            raise AttributeError(f"a graph has no {name!r}", name=name, obj=self)
        return partial(self.ask, name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *query.BY_NAME]

    def export(
        self, form: str, path: str | Path, *, repo: str | None = None, package_version: str = "0"
    ) -> Exported:
        """Write one repository of the graph to a file in another program's form: `scip`.

        `repo` is needed where the graph has several; `package_version` stands in every symbol.
        Raises `UnknownNameError` for another form or repository, `MissingPartError` without the
        extra `scip`, `OutputError`.
        """
        from codeanatomy.cpg.graph.export import export  # noqa: PLC0415 - only where it is asked for

        return export(self._snapshot, form, Path(path), repo, package_version)

    def plan(self) -> Plan:
        """Return the plan that made this version, whichever program compiled it.

        Raises `NoPlanError` where the store lost its copy and this program's plan is another.
        """
        from codeanatomy.cpg.compile import compile_plan  # noqa: PLC0415 - reads every declaration
        from codeanatomy.cpg.stages.plans import kept_plan  # noqa: PLC0415 - as above

        made = str(self.manifest.facts.get("plan"))
        found = kept_plan(folder_of(self.store), made) or compile_plan()
        if found.fingerprint() != made:
            raise NoPlanError(
                f"version {self.version} was made by the plan {made}, of which the store has no "
                f"copy; this program's is {found.fingerprint()}",
                version=self.version,
                made=made,
                own=found.fingerprint(),
            )
        return found

    def diagnose(self) -> Diagnosis:
        """Say whether this version can be trusted, what is missing from it, and why."""
        from codeanatomy.cpg.query.diagnose import diagnose  # noqa: PLC0415 - as above

        return diagnose(self._snapshot)

    def _rows(self, question: str, given: tuple[object, ...]) -> pa.Table:
        """Answer a question as SQL asks it."""
        from codeanatomy.cpg.query._ask import table  # noqa: PLC0415 - as above

        return table(self._snapshot, self.find, question, given)

    def calibrate(self, traces: str | Path) -> list[Line]:
        """Count how often call targets ran where traces of programs saw their sites run.

        `traces` is a Parquet file or a folder of them; the answer is the calibration table.
        Raises `BadTraceError`.
        """
        from codeanatomy.cpg.graph.calibrate import calibrate  # noqa: PLC0415 - as above

        return calibrate(self._snapshot, Path(traces))

    def __repr__(self) -> str:
        names = ", ".join(self._snapshot.repositories) or "nothing"
        return f"<Graph of {names}: version {self.version} in {self.store}>"


def _called(rows: WeakMethod[Callable[..., pa.Table]], question: str, *given: object) -> pa.Table:
    """Answer a question for the session of a graph that is still there, or nothing would ask."""
    found = rows()
    if found is None:
        raise UnknownNameError(f"the graph that {question} was asked of is gone", name=question)
    return found(question, given)
