"""PAGE: what can be asked over HTTP: method, path, operation, what is sent, what is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.ecs.runtime.ledger import STATES
from codeanatomy.ecs.runtime.view import receipt_data
from codeanatomy.ecs.runtime.web import asked
from codeanatomy.ecs.runtime.web.declared import components_of
from codeanatomy.ecs.runtime.wire import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from codeanatomy.ecs.runtime.seat import Seat
    from codeanatomy.ecs.runtime.web.asked import Body


class Route(NamedTuple):
    """One row; `asks` is the body of a POST or PUT, the query string of a GET."""

    method: str
    path: str
    operation: str
    asks: type[Body]
    do: Callable[[Seat, Mapping[str, str], Any], object]


class Found(NamedTuple):
    """Rows that were asked for, and how many of them JSON shows."""

    table: pa.Table
    limit: int


class Waiting(NamedTuple):
    """A tick that is waited for: how to look, which one is known, seconds to wait."""

    look: Callable[[], int]
    since: int
    wait: float


def _worlds(seat: Seat, _path: Mapping[str, str], _asked: asked.Nothing) -> object:
    return {"worlds": seat.worlds()}


def _create(seat: Seat, _path: Mapping[str, str], body: asked.Create) -> object:
    components = components_of(body.components)
    return seat.create(body.name, model=body.model, components=components, seed=body.seed)


def _inspect(seat: Seat, path: Mapping[str, str], _asked: asked.Nothing) -> object:
    return seat.inspect(path["name"])


def _destroy(seat: Seat, path: Mapping[str, str], _asked: asked.Nothing) -> object:
    seat.destroy(path["name"])
    return {"destroyed": path["name"]}


def _restore(seat: Seat, path: Mapping[str, str], _asked: asked.Nothing) -> object:
    return seat.restore(path["name"])


def _submit(seat: Seat, path: Mapping[str, str], body: asked.Commands) -> object:
    entries = seat.submit(path["name"], body.commands)
    return {"commands": [entry.as_data() for entry in entries]}


def _entries(seat: Seat, path: Mapping[str, str], said: asked.Entries) -> object:
    states = (said.state,) if said.state else STATES
    found = seat.commands(path["name"], states=states, limit=said.limit)
    return {"commands": [entry.as_data() for entry in found]}


def _entry(seat: Seat, path: Mapping[str, str], _asked: asked.Nothing) -> object:
    return seat.command(path["name"], path["command"]).as_data()


def _retry(seat: Seat, path: Mapping[str, str], _asked: asked.Nothing) -> object:
    return seat.retry(path["name"], path["command"]).as_data()


def _step(seat: Seat, path: Mapping[str, str], _asked: asked.Nothing) -> object:
    return receipt_data(seat.step(path["name"]))


def _run(seat: Seat, path: Mapping[str, str], body: asked.Run) -> object:
    receipts = seat.run(path["name"], body.ticks)
    return {
        "ticks": len(receipts),
        "spawned": sum(receipt.spawned for receipt in receipts),
        "despawned": sum(receipt.despawned for receipt in receipts),
        "last": receipt_data(receipts[-1]),
    }


def _episode(seat: Seat, path: Mapping[str, str], body: asked.Episode) -> object:
    return seat.episode(path["name"], body.until, max_steps=body.max_steps)._asdict()


def _rollout(seat: Seat, path: Mapping[str, str], body: asked.Rollout) -> object:
    found = seat.rollout(
        path["name"], body.forks, body.until, seeds=body.seeds, max_steps=body.max_steps,
        measure=body.measure,
    )  # fmt: skip
    return {"rows": rows_of(found.rows), "statistics": rows_of(found.statistics())}


def _message(seat: Seat, path: Mapping[str, str], body: asked.Message) -> object:
    seat.message(path["name"], body.to, body.columns, sender=body.sender)
    return {"sent": len(body.to)}


def _watch(seat: Seat, path: Mapping[str, str], said: asked.Watch) -> object:
    return Waiting(seat.watching(path["name"]), said.since, said.wait)


def _fork(seat: Seat, path: Mapping[str, str], body: asked.Fork) -> object:
    return seat.fork(path["name"], body.name, at_tick=body.at_tick, seed=body.seed)


def _query(seat: Seat, path: Mapping[str, str], said: asked.Query) -> object:
    names = [name.strip() for name in said.components.split(",") if name.strip()]
    more: dict[str, object] = {} if said.tick is None else {"tick": said.tick}
    if said.where:
        more["where"] = said.where
    return Found(seat.query(path["name"], *names, **more), said.limit)


def _sql(seat: Seat, path: Mapping[str, str], body: asked.Sql) -> object:
    return Found(seat.sql(path["name"], body.sql), body.limit)


def _history(seat: Seat, path: Mapping[str, str], said: asked.History) -> object:
    return seat.history(path["name"], points=said.points)


def _chart(seat: Seat, path: Mapping[str, str], said: asked.Chart) -> object:
    return seat.chart(path["name"], said.expression, points=said.points)


def _space(seat: Seat, path: Mapping[str, str], said: asked.Space) -> object:
    return seat.space(path["name"], tick=said.tick, colour=said.colour)


def _resource(seat: Seat, path: Mapping[str, str], body: asked.Resource) -> object:
    seat.set_resource(path["name"], path["key"], body.value)
    return {"set": path["key"]}


def _remove_processor(seat: Seat, path: Mapping[str, str], _asked: asked.Nothing) -> object:
    seat.remove_processor(path["name"], path["processor"])
    return {"removed": path["processor"]}


def _audit(seat: Seat, _path: Mapping[str, str], said: asked.Rows) -> object:
    rows = seat.audit(after=said.after, limit=said.limit, world=said.world)
    return {"audit": [row._asdict() for row in rows]}


_WORLD = "/api/worlds/{name}"
_COMMAND = _WORLD + "/commands/{command}"

ROUTES = (
    Route("GET", "/api/worlds", "list", asked.Nothing, _worlds),
    Route("POST", "/api/worlds", "create", asked.Create, _create),
    Route("GET", _WORLD, "inspect", asked.Nothing, _inspect),
    Route("DELETE", _WORLD, "destroy", asked.Nothing, _destroy),
    Route("POST", _WORLD + "/restore", "restore", asked.Nothing, _restore),
    Route("POST", _WORLD + "/commands", "batch", asked.Commands, _submit),
    Route("GET", _WORLD + "/commands", "commands", asked.Entries, _entries),
    Route("GET", _COMMAND, "commands", asked.Nothing, _entry),
    Route("POST", _COMMAND + "/retry", "retry", asked.Nothing, _retry),
    Route("POST", _WORLD + "/step", "step", asked.Nothing, _step),
    Route("POST", _WORLD + "/run", "run", asked.Run, _run),
    Route("POST", _WORLD + "/episode", "episode", asked.Episode, _episode),
    Route("POST", _WORLD + "/rollout", "rollout", asked.Rollout, _rollout),
    Route("POST", _WORLD + "/messages", "message", asked.Message, _message),
    Route("GET", _WORLD + "/watch", "watch", asked.Watch, _watch),
    Route("POST", _WORLD + "/fork", "fork", asked.Fork, _fork),
    Route("GET", _WORLD + "/query", "query", asked.Query, _query),
    Route("POST", _WORLD + "/sql", "sql", asked.Sql, _sql),
    Route("GET", _WORLD + "/history", "history", asked.History, _history),
    Route("GET", _WORLD + "/chart", "chart", asked.Chart, _chart),
    Route("GET", _WORLD + "/space", "space", asked.Space, _space),
    Route("PUT", _WORLD + "/resources/{key}", "set_resource", asked.Resource, _resource),
    Route(
        "DELETE", _WORLD + "/processors/{processor}", "remove_processor", asked.Nothing,
        _remove_processor,
    ),
    Route("GET", "/api/audit", "audit", asked.Rows, _audit),
)  # fmt: skip


def route_of(method: str, path: str) -> Route:
    """Give the row of a method and a path."""
    return next(route for route in ROUTES if (route.method, route.path) == (method, path))
