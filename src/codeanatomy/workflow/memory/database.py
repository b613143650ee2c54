"""The port to SQL: one way to run named-parameter SQL on SQLite, DuckDB and SQLAlchemy."""

from __future__ import annotations

import re
import sqlite3
import threading
from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import MissingPartError
from codeanatomy.workflow.memory.errors import DatabaseError, PathOutsideError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from sqlalchemy import Connection, Engine

Row = tuple[Any, ...]
_PATIENCE = 30.0  # seconds to wait for another writer
_NAMED = re.compile(r"(?<!:):([a-z_]+[0-9]*)\b")


class Database(ABC):
    """Runs SQL whose parameters are written `:name`, also inside quotes; safe between threads."""

    dialect: str
    blob = "blob"  # how this database calls bytes

    @abstractmethod
    def rows(self, sql: str, params: Mapping[str, object] | None = None) -> list[Row]:
        """Run a statement and return its rows."""

    @abstractmethod
    def transaction(self) -> Any:  # noqa: ANN401 - a context manager; the decorator hides its type
        """Make what runs inside happen as one, or not at all."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection; closing twice is no error."""

    def script(self, statements: str) -> None:
        """Run statements that are separated by an empty line."""
        with self.transaction():
            for statement in filter(str.strip, statements.split("\n\n")):
                self.rows(statement)


class SqliteDatabase(Database):
    """One SQLite connection, its writes serialised."""

    dialect = "sqlite"

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        try:
            self._connection: sqlite3.Connection | None = sqlite3.connect(
                path, timeout=_PATIENCE, check_same_thread=False, isolation_level=None
            )
            self._connection.execute("pragma journal_mode = wal")
        except sqlite3.Error as wrong:
            raise _refused(wrong, "connection_error", path) from wrong

    def rows(self, sql: str, params: Mapping[str, object] | None = None) -> list[Row]:
        """Run a statement and return its rows."""
        with self._lock:
            connection: sqlite3.Connection = _opened(self._connection)
            try:
                return connection.execute(sql, params or {}).fetchall()
            except (sqlite3.Error, OverflowError) as wrong:
                raise _refused(wrong, "query_error", sql) from wrong

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what runs inside happen as one; an inner one is part of the outer one."""
        with self._lock:
            yield from _nested(self, "begin immediate")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class DuckDatabase(Database):
    """One DuckDB connection, its statements serialised."""

    dialect = "duckdb"

    def __init__(self, path: str) -> None:
        self._library = _library("duckdb", "duckdb")
        self._lock = threading.RLock()
        self._depth = 0
        try:
            self._connection = self._library.connect(path)
        except self._library.Error as wrong:
            raise _refused(wrong, "connection_error", path) from wrong

    def rows(self, sql: str, params: Mapping[str, object] | None = None) -> list[Row]:
        """Run a statement and return its rows."""
        with self._lock:
            connection = _opened(self._connection)
            try:
                done = connection.execute(_NAMED.sub(r"$\1", sql), dict(params) if params else None)
                return list(done.fetchall())
            except self._library.Error as wrong:
                raise _refused(wrong, "query_error", sql) from wrong

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what runs inside happen as one; an inner one is part of the outer one."""
        with self._lock:
            yield from _nested(self, "begin transaction")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class AlchemyDatabase(Database):
    """Whatever SQLAlchemy connects to; PostgreSQL is the one that is tested."""

    def __init__(self, url: str, **options: object) -> None:
        library = _library("sqlalchemy", "postgres")
        self._library = library
        self._errors = library.exc.SQLAlchemyError
        try:
            self._engine: Engine | None = library.create_engine(url, **options)
        except (self._errors, ImportError) as wrong:
            raise _refused(wrong, "connection_error", "the URL") from wrong
        self.dialect = self._engine.dialect.name
        self.blob = "bytea" if self.dialect == "postgresql" else "blob"
        self._here = threading.local()

    def rows(self, sql: str, params: Mapping[str, object] | None = None) -> list[Row]:
        """Run a statement, in the open transaction of this thread or one of its own."""
        with self.transaction():
            connection: Connection = self._here.connection
            try:
                done = connection.execute(self._library.text(sql), dict(params or {}))
                return [tuple(row) for row in done] if done.returns_rows else []
            except self._library.exc.OperationalError as wrong:
                raise _refused(wrong, "connection_error", sql) from wrong
            except self._errors as wrong:
                raise _refused(wrong, "query_error", sql) from wrong

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what runs inside happen as one; an inner one is part of the outer one."""
        if getattr(self._here, "connection", None) is not None:
            yield
            return
        engine = _opened(self._engine)
        try:
            connection = engine.connect()
        except self._errors as wrong:
            raise _refused(wrong, "connection_error", self.dialect) from wrong
        try:
            with connection, connection.begin():
                self._here.connection = connection
                yield
        finally:
            self._here.connection = None

    def close(self) -> None:
        """Let go of the pool."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


def open_database(where: str) -> Database:
    """Open `:memory:`, a path, `sqlite:///path`, `duckdb:///path` or any SQLAlchemy URL."""
    scheme, found, path = where.partition("://")
    if not found:
        duck = where.endswith(".duckdb")
        return DuckDatabase(checked(where)) if duck else SqliteDatabase(checked(where))
    if scheme == "sqlite":
        return SqliteDatabase(checked(path.removeprefix("/") or ":memory:"))
    if scheme == "duckdb":
        return DuckDatabase(checked(path.removeprefix("/") or ":memory:"))
    return AlchemyDatabase(where)


def checked(path: str) -> str:
    """Return a path that does not climb, its folder made; `:memory:` is none."""
    from pathlib import Path  # noqa: PLC0415 - only where a file is opened

    if path == ":memory:":
        return path
    if ".." in re.split(r"[/\\]", path):
        raise PathOutsideError(f"path traversal: {path!r} contains '..'", path=path)
    Path(path).expanduser().parent.mkdir(parents=True, exist_ok=True)
    return str(Path(path).expanduser())


def _nested(database: SqliteDatabase | DuckDatabase, begin: str) -> Iterator[None]:
    if database._depth:  # noqa: SLF001 - the depth belongs to this module
        yield
        return
    database.rows(begin)
    database._depth += 1  # noqa: SLF001 - as above
    try:
        yield
        database.rows("commit")
    except BaseException:
        database.rows("rollback")
        raise
    finally:
        database._depth -= 1  # noqa: SLF001 - as above


def _opened(connection: Any) -> Any:  # noqa: ANN401 - three libraries have three types
    if connection is None:
        raise DatabaseError("the memory is closed; open it again", kind="connection_error")
    return connection


def _refused(wrong: Exception, kind: str, what: str) -> DatabaseError:
    return DatabaseError(f"{type(wrong).__name__}: {wrong}", kind=kind, statement=what)


def _library(name: str, extra: str) -> ModuleType:
    from importlib import import_module  # noqa: PLC0415 - optional libraries load where used

    try:
        return import_module(name)
    except ImportError as wrong:
        raise MissingPartError(
            f"{name} is not installed; pip install 'codeanatomy[{extra}]'", part=name
        ) from wrong
