"""A place of one's own on the PostgreSQL server: a schema, cheaper than a database."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_session(postgres_server: str) -> Iterator[psycopg.Connection]:
    """Stay connected to the server."""
    with psycopg.connect(
        host=postgres_server, user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        yield connection


@pytest.fixture
def postgres_space(postgres_server: str, postgres_session: psycopg.Connection) -> Iterator[str]:
    """Make a schema for one test; yield the SQLAlchemy URL that stays inside it."""
    name = f"memory_{next(_numbers)}"
    postgres_session.execute(f"create schema {name}".encode())
    inside = f"options=-csearch_path%3D{name}"
    yield f"postgresql+psycopg://postgres@/postgres?host={postgres_server}&{inside}"
    postgres_session.execute(f"drop schema {name} cascade".encode())
