"""Tables in the metadata store and the blob storage: an append-only log, queried in SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._results import Failed, Result, err, ok

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.actions._tables import Tables
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""

    def create(state: State, **given: Any) -> Result:
        """Declare a table: its columns with their types, and its primary key."""
        return _attempt(lambda: _create(_tables(host, state), given))

    def insert(state: State, **given: Any) -> Result:
        """Append rows; one with the key of an older row takes its place."""
        return _attempt(lambda: _insert(_tables(host, state), given))

    def update(state: State, **given: Any) -> Result:
        """Append a new version of the row that `where` names."""
        return _attempt(lambda: _update(_tables(host, state), given))

    def delete(state: State, **given: Any) -> Result:
        """Append that the row that `where` names is no more."""
        return _attempt(lambda: _delete(_tables(host, state), given))

    def query(state: State, **given: Any) -> Result:
        """Ask the live rows in SQL; they are one table called `data`."""
        return _attempt(lambda: _query(_tables(host, state), given))

    def consolidate(state: State, **given: Any) -> Result:
        """Write the live rows into one Parquet file in place of all that was logged."""
        return _attempt(lambda: _consolidate(_tables(host, state), given))

    return {
        "data.create_table": create,
        "data.insert": insert,
        "data.update": update,
        "data.delete": delete,
        "data.query": query,
        "data.consolidate": consolidate,
    }


def _create(tables: Tables, given: State) -> Result:
    name = _word(given.get("name") or given.get("table"), "name")
    schema, key = _checked(name, given.get("schema")), given.get("primary_key")
    keys = [key] if isinstance(key, str) else key
    if not isinstance(keys, list) or not keys or not set(keys) <= set(schema):
        raise Failed("primary_key must name columns of the schema", "validation_error")
    if not tables.create(name, schema, keys):
        raise Failed(f"Table '{name}' already exists", "already_exists")
    return ok(status="created", table=name, schema=schema, primary_key=keys)


def _checked(name: str, schema: Any) -> dict[str, str]:
    from codeanatomy.workflow.actions._tables import TYPES

    if not _NAME.fullmatch(name):
        told = f"'{name}' is no name of a table: letters, digits and _"
        raise Failed(told, "validation_error")
    if not isinstance(schema, dict) or not schema:
        raise Failed("schema must name at least one column and its type", "validation_error")
    for column, kind in schema.items():
        if kind not in TYPES:
            told = f"Column '{column}' has unknown type '{kind}'; it can be {', '.join(TYPES)}"
            raise Failed(told, "validation_error")
        if str(column).startswith("_"):
            raise Failed(f"Column '{column}' begins with _: those are ours", "validation_error")
    if len({str(column).lower() for column in schema}) < len(schema):
        raise Failed("Two columns differ in upper and lower case only", "validation_error")
    return schema


def _insert(tables: Tables, given: State) -> Result:
    table, rows = tables.open(_word(given.get("table"), "table")), given.get("rows")
    rows = [rows] if isinstance(rows, dict) else rows
    if not rows:
        return ok(table=table.name, row_count=0, storage="none")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Failed("rows must be a list of dicts", "validation_error")
    for row in rows:
        table.check(row)
    stored = tables.append(table, rows)
    return ok(status="inserted", table=table.name, row_count=len(rows), **stored)


def _update(tables: Tables, given: State) -> Result:
    table, where = _target(tables, given)
    updates = given.get("updates")
    if not isinstance(updates, dict) or not updates:
        raise Failed("updates must be a dict with at least one column", "validation_error")
    if any(column in updates and updates[column] != where[column] for column in table.keys):
        raise Failed("the primary key of a row cannot be changed", "validation_error")
    version = tables.change(table, where, updates)
    return ok(status="updated", table=table.name, row_count=1, version=version)


def _delete(tables: Tables, given: State) -> Result:
    table, where = _target(tables, given)
    version = tables.remove(table, where)
    return ok(status="deleted", table=table.name, row_count=1, version=version)


def _query(tables: Tables, given: State) -> Result:
    table, sql = tables.open(_word(given.get("table"), "table")), _word(given.get("sql"), "sql")
    found = tables.query(table, sql)
    if found is None:
        return ok(status="success", table=table.name, rows=[], row_count=0)
    rows, sources = found
    return ok(status="success", table=table.name, rows=rows, row_count=len(rows), sources=sources)


def _consolidate(tables: Tables, given: State) -> Result:
    return ok(**tables.consolidate(tables.open(_word(given.get("table"), "table"))))


def _target(tables: Tables, given: State) -> tuple[Any, State]:
    table, where = tables.open(_word(given.get("table"), "table")), given.get("where")
    if not isinstance(where, dict) or not set(table.keys) <= set(where):
        wanted = ", ".join(table.keys)
        raise Failed(f"where must give the whole primary key: {wanted}", "validation_error")
    return table, where


def _word(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise Failed(f"{name} is required", "validation_error")
    return value


def _tables(host: Host, state: State) -> Tables:
    from codeanatomy.workflow.actions._tables import Tables

    store = state.get("_metadata_store") or host.metadata_store
    blobs = state.get("_blob_storage") or host.blob_storage
    for name, part in (("metadata store", store), ("blob storage", blobs)):
        if part is None:
            raise Failed(f"No {name} is configured", "storage_error")
    return Tables(store, blobs)


def _attempt(work: Callable[[], Result]) -> Result:
    try:
        return work()
    except Failed as failed:
        return failed.result
    except ImportError:
        told = "DuckDB is not installed: pip install duckdb"
        return err(told, "backend_not_installed")
    except OSError as error:
        return err(f"Storage failed: {error}", "storage_error")
    except Exception as error:
        return err(f"{type(error).__name__}: {error}", "internal_error")
