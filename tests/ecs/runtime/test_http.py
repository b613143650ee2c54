"""The runtime over HTTP: routes, errors with their codes, tokens, bounds, the OpenAPI document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from codeanatomy.ecs.runtime.errors import UnsafeAddressError
from codeanatomy.ecs.runtime.operation import operation_of
from codeanatomy.ecs.runtime.role import Actor, Role
from codeanatomy.ecs.runtime.web.app import application
from codeanatomy.ecs.runtime.web.routes import ROUTES
from codeanatomy.ecs.runtime.web.token import Tokens, check_address, read_tokens
from codeanatomy.kernel.errors import SpecError, UnknownNameError
from tests.ecs.runtime.people import Position, Velocity, farm, runtime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codeanatomy.ecs.runtime.runtime import ArchetypeRuntime

SPAWN = {"kind": "spawn", "components": {"position": {"x": 1.5}, "velocity": {"dx": 2}}}


@pytest.fixture
def worlds() -> Iterator[ArchetypeRuntime]:
    """Give a runtime with a world `farm`."""
    with runtime() as found:
        farm(found)
        yield found


def client(worlds: ArchetypeRuntime, **settings: Any) -> TestClient:  # noqa: ANN401 - of the application
    """Give a client on this machine."""
    app = application(worlds, **settings)
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


def code(answer: Any) -> tuple[int, str]:  # noqa: ANN401 - an answer of the client
    """Give status and code of an error."""
    return answer.status_code, answer.json()["error"]["code"]


def test_a_day_in_a_world(worlds: ArchetypeRuntime) -> None:
    """Create, command, tick, read, branch, destroy and restore, all over HTTP."""
    http = client(worlds)
    made = http.post("/api/worlds", json={"name": "w", "model": "walkers", "seed": 3}).json()
    assert (made["name"], made["seed"], made["processors"]) == ("w", 3, ["move"])
    sent = http.post("/api/worlds/w/commands", json={"commands": [{**SPAWN, "id": "one"}]}).json()
    assert sent["commands"][0]["entities"] == [[1, 1]]
    assert http.post("/api/worlds/w/step").json()["spawned"] == 1
    assert http.post("/api/worlds/w/run", json={"ticks": 4}).json()["last"]["tick"] == 5
    assert http.get("/api/worlds/w/commands/one").json()["state"] == "applied"
    found = http.get("/api/worlds/w/query?components=position&tick=3").json()
    assert [(r["entity_id"], r["position__x"]) for r in found["rows"]] == [(1, 5.5)]
    assert http.get("/api/worlds/w/query?where=position__x>99").json()["total"] == 0
    fork = http.post("/api/worlds/w/fork", json={"name": "b", "at_tick": 2, "seed": 9}).json()
    assert (fork["tick"], fork["seed"], fork["ancestor"]) == (2, 9, made["id"])
    assert http.put("/api/worlds/b/resources/wind", json={"value": {"from": "west"}}).json() == {
        "set": "wind"
    }
    ended = http.post("/api/worlds/b/episode", json={"until": ["max(position__x) > 7"]}).json()
    assert ended == {"steps": 2, "tick": 4, "reason": "max(position__x) > 7"}
    assert http.get("/api/worlds/b").json()["resources"] == {"wind": {"from": "west"}}
    assert http.delete("/api/worlds/b/processors/move").json() == {"removed": "move"}
    assert http.delete("/api/worlds/b").json() == {"destroyed": "b"}
    assert [row["name"] for row in http.get("/api/worlds").json()["worlds"]] == ["farm", "w"]
    assert http.post("/api/worlds/b/restore").json()["tick"] == 4
    rows = http.get("/api/audit?world=b").json()["audit"]
    assert [row["operation"] for row in rows][-3:] == ["remove_processor", "destroy", "restore"]


def test_components_are_declared_as_data(worlds: ArchetypeRuntime) -> None:
    """Names of fields and Arrow types; code never comes over HTTP."""
    http = client(worlds)
    body = {"name": "d", "components": {"cell": {"x": "int32", "label": "string"}, "tag": {}}}
    assert [c["name"] for c in http.post("/api/worlds", json=body).json()["components"]] == [
        "cell",
        "tag",
    ]
    order = {
        "kind": "spawn",
        "columns": {"cell__x": [3], "cell__label": ["a"]},
        "components": ["tag"],
    }
    http.post("/api/worlds/d/commands", json={"commands": [order]})
    http.post("/api/worlds/d/step")
    row = http.get("/api/worlds/d/query?components=cell").json()["rows"][0]
    assert (row["cell__x"], row["cell__label"]) == (3, "a")
    wrongs: tuple[dict[str, dict[str, str]], ...] = (
        {"cell": {"x": "complex"}},
        {"Cell": {}},
        {"a__b": {}},
        {"a": {"x-y": "int8"}},
    )
    for wrong in wrongs:
        answer = http.post("/api/worlds", json={"name": "e", "components": wrong})
        assert code(answer) == (422, "invalid-component")


def test_rows_come_as_arrow_where_asked(worlds: ArchetypeRuntime) -> None:
    """Whole, with their types; SQL too."""
    ann = worlds.seat("ann", "admin")
    ann.spawn_batch("farm", {"position__x": [float(i) for i in range(2000)]})
    ann.step("farm")
    http = client(worlds)
    accept = {"accept": "application/vnd.apache.arrow.stream"}
    raw = http.get("/api/worlds/farm/query?components=position", headers=accept)
    found = pa.ipc.open_stream(raw.content).read_all()
    assert (found.num_rows, found.schema.field("position__x").type) == (2000, pa.float64())
    short = http.get("/api/worlds/farm/query?components=position&limit=3").json()
    assert (len(short["rows"]), short["total"]) == (3, 2000)
    sql = {"sql": "select count(*) as n from position"}
    assert http.post("/api/worlds/farm/sql", json=sql).json()["rows"] == [{"n": 2000}]


@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("GET", "/api/worlds/none", None, (404, "unknown-world")),
        ("GET", "/api/nothing", None, (404, "unknown-path")),
        ("PUT", "/api/worlds", {}, (405, "method")),
        ("POST", "/api/worlds", {"name": "farm"}, (409, "world-name")),
        ("POST", "/api/worlds", {"name": "../x"}, (409, "world-name")),
        ("POST", "/api/worlds", {}, (422, "invalid-spec")),
        ("POST", "/api/worlds", {"name": "x", "colour": "red"}, (422, "invalid-spec")),
        ("POST", "/api/worlds", {"name": "x", "model": "no"}, (422, "unknown-name")),
        ("POST", "/api/worlds/farm/run", {"ticks": 0}, (422, "invalid-spec")),
        ("POST", "/api/worlds/farm/run", {"ticks": "5"}, (422, "invalid-spec")),
        ("POST", "/api/worlds/farm/commands", {"commands": []}, (422, "invalid-spec")),
        (
            "POST",
            "/api/worlds/farm/commands",
            {"commands": [{"kind": "fly"}]},
            (422, "invalid-command"),
        ),
        ("POST", "/api/worlds/farm/commands", {"commands": [{}, {}]}, (422, "batch-refused")),
        ("GET", "/api/worlds/farm/commands/none", None, (404, "unknown-command")),
        ("GET", "/api/worlds/farm/space?tick=-1", None, (422, "invalid-spec")),
        ("GET", "/api/worlds/farm/chart?expression=avg(", None, (422, "invalid-expression")),
        ("GET", "/api/worlds/farm/query?components=wings", None, (422, "unknown-component")),
        ("POST", "/api/worlds/farm/fork", {"name": "f", "at_tick": 8}, (422, "unknown-tick")),
    ],
)
def test_errors_have_codes(
    worlds: ArchetypeRuntime, method: str, path: str, body: object, answer: tuple[int, str]
) -> None:
    """As JSON, with a status that fits."""
    found = client(worlds).request(method, path, json=body)
    assert code(found) == answer
    assert found.headers["content-type"] == "application/json"


def test_quotas_conflicts_and_failed_ticks_have_codes(worlds: ArchetypeRuntime) -> None:
    """429, 409 and 500."""
    http = client(worlds)
    http.post("/api/worlds/farm/commands", json={"commands": [{**SPAWN, "id": "a"}]})
    other = {"commands": [{**SPAWN, "id": "a", "priority": 2}]}
    assert code(http.post("/api/worlds/farm/commands", json=other)) == (409, "command-conflict")
    many = {"commands": [SPAWN] * 500}
    assert code(http.post("/api/worlds/farm/commands", json=many)) == (429, "quota-exceeded")

    def broken(*_what: object) -> None:
        raise ValueError("secret detail")

    worlds.seat("ann", "admin").add_hook("farm", "pre_tick", broken)
    assert code(http.post("/api/worlds/farm/step")) == (500, "tick-failed")


def test_a_bug_tells_no_secrets(worlds: ArchetypeRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer names the sort of error, and no more."""
    monkeypatch.setattr("codeanatomy.ecs.runtime.view.inspect", lambda _held: 1 / 0)
    found = client(worlds).get("/api/worlds/farm")
    assert code(found) == (500, "bug")
    assert "ZeroDivisionError" in found.text
    assert "division" not in found.text


def test_bodies_are_bounded_and_json(worlds: ArchetypeRuntime) -> None:
    """Too long, not JSON, not said to be JSON."""
    http = client(worlds, most_bytes=1000)
    long = http.post("/api/worlds", json={"name": "x" * 2000})
    assert code(long) == (413, "body-too-long")
    said = {"content-type": "application/json"}
    assert code(http.post("/api/worlds", content=b"{", headers=said)) == (422, "invalid-spec")
    plain = {"content-type": "text/plain"}
    sent = http.post("/api/worlds", content=b'{"name": "x"}', headers=plain)
    assert code(sent) == (422, "invalid-spec")
    assert [row["name"] for row in http.get("/api/worlds").json()["worlds"]] == ["farm"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "localhost:8765"}, 200),
        ({"host": "127.0.0.1:8765", "origin": "http://127.0.0.1:8765"}, 200),
        ({"host": "[::1]:8765"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "localhost.evil.example"}, 403),
        ({"host": "localhost:8765", "origin": "http://evil.example"}, 403),
        ({"host": "localhost:8765", "origin": "http://localhost:9999"}, 403),
        ({"host": "localhost:8765", "origin": "null"}, 403),
    ],
)
def test_other_sites_may_not_ask(
    worlds: ArchetypeRuntime, headers: dict[str, str], status: int
) -> None:
    """Without tokens only this machine by its own name, and only pages of this server."""
    answer = client(worlds).get("/api/worlds", headers=headers)
    assert answer.status_code == status
    assert status == 200 or code(answer)[1] == "foreign-origin"


def test_tokens_say_who_asks(worlds: ArchetypeRuntime) -> None:
    """A token has a name and a role; none or another is refused."""
    known = {"p" * 16: Actor("pat", Role.PLAYER), "o" * 16: Actor("olga", Role.OPERATOR)}
    http = client(worlds, tokens=Tokens(known))

    def step(**headers: str) -> Any:  # noqa: ANN401 - an answer of the client
        return http.post("/api/worlds/farm/step", headers=headers)

    assert code(step()) == (401, "token")
    assert code(step(authorization="Bearer " + "x" * 16)) == (401, "token")
    assert code(step(authorization="Basic " + "o" * 16)) == (401, "token")
    assert code(step(authorization="Bearer " + "p" * 16)) == (403, "role-too-low")
    assert step(authorization="Bearer " + "o" * 16, host="worlds.example").json()["tick"] == 1
    last = [(row.actor, row.role) for row in worlds.gate.audit.rows()][-2:]
    assert last == [("pat", "player"), ("olga", "operator")]
    assert http.get("/").status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "worlds.example", "::"])  # noqa: S104 - refused
def test_beyond_this_machine_a_token_is_needed(host: str) -> None:
    """Without one the server does not begin."""
    with pytest.raises(UnsafeAddressError, match="give tokens"):
        check_address(host, Tokens({}))
    check_address(host, Tokens({"t" * 16: Actor("ann", Role.ADMIN)}))
    check_address("127.0.0.1", Tokens({}))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[ann]\nrole = 'king'\ntoken = 'aaaaaaaaaaaaaaaaaaaa'", UnknownNameError),
        ("[ann]\nrole = 'admin'\ntoken = 'short'", SpecError),
        ("[ann]\nrole = 'admin'", SpecError),
        ("ann", SpecError),
    ],
)
def test_a_file_of_tokens(tmp_path: Path, text: str, error: type[Exception]) -> None:
    """A table an actor; what is not one is refused, and no token is shown."""
    good = tmp_path / "good.toml"
    good.write_text('[ann]\nrole = "admin"\ntoken = "aaaaaaaaaaaaaaaaaaaa"\n')
    assert read_tokens(good) == {"a" * 20: Actor("ann", Role.ADMIN)}
    bad = tmp_path / "bad.toml"
    bad.write_text(text)
    with pytest.raises(error) as caught:
        read_tokens(bad)
    assert "aaaa" not in str(caught.value)


def test_the_document_describes_every_route(worlds: ArchetypeRuntime) -> None:
    """OpenAPI 3.1: each path and method, its parameters, its body, every reference resolved."""
    told = client(worlds, version="1.2").get("/openapi.json").json()
    assert (told["openapi"], told["info"]["version"]) == ("3.1.0", "1.2")
    assert {(m.upper(), p) for p, ms in told["paths"].items() for m in ms} == {
        (route.method, route.path) for route in ROUTES
    }
    names = [m["operationId"] for ms in told["paths"].values() for m in ms.values()]
    assert len(set(names)) == len(names)
    for route in ROUTES:
        found = told["paths"][route.path][route.method.lower()]
        assert operation_of(route.operation).role.title in found["description"]
        inside = {p["name"] for p in found["parameters"] if p["in"] == "path"}
        assert inside == set(re.findall(r"\{(\w+)\}", route.path))
        fields = set(route.asks.__struct_fields__)
        query = {p["name"] for p in found["parameters"] if p["in"] == "query"}
        assert query == (fields if route.method == "GET" else set())
        assert ("requestBody" in found) == (route.method in ("POST", "PUT") and bool(fields))
    for reference in re.findall(r'"#/components/schemas/(\w+)"', str(told).replace("'", '"')):
        assert reference in told["components"]["schemas"]


def test_watching_waits_for_a_tick(worlds: ArchetypeRuntime) -> None:
    """It answers at once when the tick is another one, else when its time is over."""
    http = client(worlds)
    assert http.get("/api/worlds/farm/watch?since=0&wait=0.05").json() == {"tick": 0}
    http.post("/api/worlds/farm/step")
    assert http.get("/api/worlds/farm/watch?since=0&wait=20").json() == {"tick": 1}


def test_messages_and_rollouts(worlds: ArchetypeRuntime) -> None:
    """The rest of the operations."""
    http = client(worlds)
    worlds.seat("ann", "admin").spawn("farm", Position(1), Velocity(1))
    http.post("/api/worlds/farm/step")
    body: dict[str, Any] = {"to": [1], "columns": {"velocity__dx": 3.0}}
    assert http.post("/api/worlds/farm/messages", json=body).json() == {"sent": 1}
    body = {"forks": 2, "max_steps": 2, "measure": {"far": "max(position__x)"}}
    told = http.post("/api/worlds/farm/rollout", json=body).json()
    assert [row["far"] for row in told["rows"]] == [3.0, 3.0]
    assert {row["measure"] for row in told["statistics"]} == {"steps", "far"}
