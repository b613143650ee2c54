"""What requests may say: bodies and query strings, one declaration each, decoded strictly."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Text = Annotated[str, Meta(min_length=1, max_length=10_000)]
Whole = Annotated[int, Meta(ge=0)]


class Body(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What every request body is: named fields, none unknown."""


class Create(Body, frozen=True):
    """A new world: of a model of this server, or of components declared here.

    `components` maps names to their fields and Arrow types, as `{"position": {"x": "double"}}`.
    """

    name: Name
    model: Name | None = None
    components: dict[str, dict[str, str]] = {}
    seed: int = 0


class Commands(Body, frozen=True):
    """A batch of commands: all are queued, or none."""

    commands: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=10_000)]


class Run(Body, frozen=True):
    """How many ticks to make."""

    ticks: Annotated[int, Meta(ge=1, le=10_000)] = 1


class Episode(Body, frozen=True):
    """Rules of which any ends the episode, and how many ticks at most."""

    until: list[Text] = []
    max_steps: Annotated[int, Meta(ge=1, le=100_000)] = 1000


class Rollout(Body, frozen=True):
    """How many branches, what ends each, and what is measured then."""

    forks: Annotated[int, Meta(ge=1, le=1000)]
    until: list[Text] = []
    max_steps: Annotated[int, Meta(ge=1, le=100_000)] = 1000
    seeds: list[int] | None = None
    measure: dict[str, str] | None = None


class Message(Body, frozen=True):
    """Columns of message components, one value or one a receiver; 0 is nobody's id."""

    to: Annotated[list[Whole], Meta(min_length=1)]
    columns: Annotated[dict[str, Any], Meta(min_length=1)]
    sender: Whole = 0


class Fork(Body, frozen=True):
    """A branch: its name, the tick it begins at (the last one), its seed (the parent's)."""

    name: Name
    at_tick: Whole | None = None
    seed: int | None = None


class Sql(Body, frozen=True):
    """One SELECT over the history of a world."""

    sql: Text
    limit: Annotated[int, Meta(ge=1, le=100_000)] = 1000


class Resource(Body, frozen=True):
    """A recorded resource: any JSON value."""

    value: Any


class Nothing(Body, frozen=True):
    """No fields."""


class Query(Body, frozen=True):
    """Which rows: components (comma-separated), a tick, a condition, at most so many."""

    components: str = ""
    tick: Whole | None = None
    where: str = ""
    limit: Annotated[int, Meta(ge=1, le=100_000)] = 1000


class History(Body, frozen=True):
    """How many points in time, evenly spread."""

    points: Annotated[int, Meta(ge=2, le=2000)] = 400


class Chart(Body, frozen=True):
    """An aggregate, as `avg(energy__value)`, and how many points in time."""

    expression: Text
    points: Annotated[int, Meta(ge=2, le=2000)] = 400


class Space(Body, frozen=True):
    """Which tick (the last one), and the column that colours the entities."""

    tick: Whole | None = None
    colour: str = ""


class Watch(Body, frozen=True):
    """The tick that is known, and how many seconds to wait for another."""

    since: Whole = 0
    wait: Annotated[float, Meta(ge=0, le=20)] = 0


class Entries(Body, frozen=True):
    """Which state of commands (all of them), at most so many."""

    state: str = ""
    limit: Annotated[int, Meta(ge=1, le=100_000)] = 1000


class Rows(Body, frozen=True):
    """Audit rows after a number, at most so many, of one world or all."""

    after: Whole = 0
    limit: Annotated[int, Meta(ge=1, le=100_000)] = 1000
    world: str | None = None
