"""What the actions on HTTP, files, storage, checkpoints and notices answer."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any

import pytest
import requests
from the_edge_agent import END, START, StateGraph

from tests.workflow.contract.engines import actions_of, open_engine
from tests.workflow.local_server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def registry() -> Iterator[dict[str, Any]]:
    """Give the actions of an engine."""
    with open_engine() as engine:
        yield actions_of(engine)


@pytest.fixture(params=["local", "memory", "file"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give a folder on the disk, in memory, or on the disk by its URL."""
    if request.param == "memory":
        return f"memory://{uuid.uuid4().hex}"
    return str(tmp_path) if request.param == "local" else f"file://{tmp_path}"


def test_http_get_and_post(registry: dict[str, Any]) -> None:
    """The JSON of the answer is the result."""
    with serving() as site:
        site.says("/a", {"x": 1})
        assert registry["http.get"](state={}, url=f"{site.url}/a", headers={"X-Y": "z"}) == {"x": 1}
        assert registry["http.post"](state={}, url=f"{site.url}/a", json={"b": 2}) == {"x": 1}
    assert [(one.method, one.body) for one in site.asked] == [("GET", None), ("POST", {"b": 2})]
    assert site.asked[0].headers["X-Y"] == "z"


@pytest.mark.parametrize("name", ["http.get", "http.post"])
def test_http_failures_are_raised(registry: dict[str, Any], name: str) -> None:
    """A status of failure is an exception, not a result."""
    with serving() as site:
        site.says("/a", {}, status=500)
        with pytest.raises(requests.HTTPError):
            registry[name](state={}, url=f"{site.url}/a")


def test_http_calls_the_patched_module(
    registry: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`requests` is looked up at the call, with headers by keyword."""
    seen: list[Any] = []

    class Answer:
        def raise_for_status(self) -> None:
            """Be fine."""

        def json(self) -> int:
            return 7

    def asked(url: str, **kw: Any) -> Answer:  # noqa: ANN401 - as requests
        seen.append((url, kw))
        return Answer()

    monkeypatch.setattr(requests, "get", asked)
    assert registry["http.get"](state={}, url="u") == 7
    assert seen == [("u", {"headers": {}})]


def test_a_file_is_written_and_read(registry: dict[str, Any], root: str) -> None:
    """Folders above are made; the path comes back as it is used."""
    path = f"{root}/a/b.txt"
    plain = path.removeprefix("file://")
    assert registry["file.write"](state={}, path=path, content="héllo") == {
        "path": plain,
        "success": True,
    }
    assert registry["file.read"](state={}, path=path) == {"content": "héllo", "success": True}


def test_a_path_object_is_a_path(registry: dict[str, Any], tmp_path: Path) -> None:
    """Paths of pathlib are taken as text."""
    done = registry["file.write"](state={}, path=tmp_path / "x", content="1")
    assert done == {"path": str(tmp_path / "x"), "success": True}


def test_a_file_is_streamed(registry: dict[str, Any], root: str) -> None:
    """Pieces go in one by one; an open file comes out."""
    path = f"{root}/s.txt"
    registry["file.write"](state={}, path=path, content=(p for p in ("a", b"b", "c")), stream=True)
    found = registry["file.read"](state={}, path=path, stream=True)
    with found["file"] as opened:
        assert opened.read() == "abc"
    assert found["success"] is True


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("memory://nowhere/x", "not_found"),
        ("/nowhere/at/all", "not_found"),
        ("s3://bucket/x", "backend_not_installed"),
        ("gs://bucket/x", "backend_not_installed"),
        ("az://bucket/x", "backend_not_installed"),
        ("odd://x", "filesystem_error"),
        ("github://broken", "invalid_url"),
        ("gitlab://owner/repo", "invalid_url"),
    ],
)
def test_read_failures(registry: dict[str, Any], path: str, kind: str) -> None:
    """Each failure has its type."""
    found = registry["file.read"](state={}, path=path)
    assert (found["success"], found["error_type"]) == (False, kind)


@pytest.mark.parametrize(
    ("path", "package"), [("s3://b/x", "s3fs"), ("gcs://b/x", "gcsfs"), ("abfs://b/x", "adlfs")]
)
def test_a_missing_driver_names_its_package(
    registry: dict[str, Any], path: str, package: str
) -> None:
    """The error says what to install."""
    assert f"pip install {package}" in registry["file.read"](state={}, path=path)["error"]


def test_the_text_of_a_missing_file(registry: dict[str, Any], tmp_path: Path) -> None:
    """The path stands in the message."""
    path = str(tmp_path / "no")
    assert registry["file.read"](state={}, path=path)["error"] == f"File not found: {path}"


def test_text_that_cannot_be_decoded(registry: dict[str, Any], tmp_path: Path) -> None:
    """Bytes that are no text of the encoding are a read error; another encoding reads them."""
    path = tmp_path / "x"
    path.write_bytes(b"\xff")
    assert registry["file.read"](state={}, path=str(path))["error_type"] == "read_error"
    assert registry["file.read"](state={}, path=str(path), encoding="latin-1")["content"] == "ÿ"


def test_a_folder_cannot_be_written(registry: dict[str, Any], tmp_path: Path) -> None:
    """What is a folder already is no file."""
    found = registry["file.write"](state={}, path=str(tmp_path), content="x")
    assert (found["success"], found["error_type"]) == (False, "write_error")


@pytest.mark.parametrize(
    ("site", "variables", "header"),
    [
        ("github", {"GITHUB_TOKEN": "t1", "GIT_TOKEN": "t2"}, {"Authorization": "token t1"}),
        ("github", {"GIT_TOKEN": "t2"}, {"Authorization": "token t2"}),
        ("gitlab", {"GITLAB_TOKEN": "t3"}, {"PRIVATE-TOKEN": "t3"}),
        ("gitlab", {}, {}),
    ],
)
def test_a_file_of_a_repository(
    registry: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    site: str,
    variables: dict[str, str],
    header: dict[str, str],
) -> None:
    """It is fetched by its raw address, with a token if there is one."""
    for name in ("GITHUB_TOKEN", "GITLAB_TOKEN", "GIT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    seen: list[Any] = []
    get = requests.get
    with serving() as local:
        local.says("/raw", b"content")

        def redirected(url: str, **kw: Any) -> requests.Response:  # noqa: ANN401 - as requests
            seen.append((url, kw))
            return get(f"{local.url}/raw", **kw)

        monkeypatch.setattr(requests, "get", redirected)
        found = registry["file.read"](state={}, path=f"{site}://me/it@v1/a/b.txt")
    raw = {
        "github": "https://raw.githubusercontent.com/me/it/v1/a/b.txt",
        "gitlab": "https://gitlab.com/me/it/-/raw/v1/a/b.txt",
    }
    assert found == {"content": "content", "success": True}
    assert seen == [(raw[site], {"headers": header, "timeout": 30})]


@pytest.mark.parametrize(
    ("status", "kind"), [(404, "not_found"), (401, "permission_denied"), (403, "permission_denied")]
)
def test_a_repository_refuses(
    registry: dict[str, Any], monkeypatch: pytest.MonkeyPatch, status: int, kind: str
) -> None:
    """What is not there, or not for us."""
    get = requests.get
    with serving() as local:
        local.says("/raw", b"", status=status)
        monkeypatch.setattr(requests, "get", lambda _url, **kw: get(f"{local.url}/raw", **kw))
        found = registry["file.read"](state={}, path="github://me/it/a.txt")
    assert (found["success"], found["error_type"]) == (False, kind)


def test_the_usual_branch_is_main(
    registry: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a ref the file of `main` is read."""
    seen: list[str] = []

    def refuse(url: str, **_: object) -> None:
        seen.append(url)
        raise requests.ConnectionError("no")

    monkeypatch.setattr(requests, "get", refuse)
    registry["file.read"](state={}, path="github://me/it/a.txt")
    assert seen == ["https://raw.githubusercontent.com/me/it/main/a.txt"]


def test_a_notice_is_printed(registry: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """The channel stands in front, in capitals."""
    assert registry["notify"](state={}, channel="slack", message="hi") == {"sent": True}
    assert capsys.readouterr().out == "[SLACK] hi\n"


def test_storage_in_a_round(registry: dict[str, Any], root: str) -> None:
    """Make, write, list, copy, ask, delete."""
    call = {name: registry[f"storage.{name}"] for name in ("mkdir", "list", "copy", "exists")}
    path, other = f"{root}/d/x.txt", f"{root}/e/y.txt"
    plain = {one: one.removeprefix("file://") for one in (path, other, f"{root}/d")}
    folder = plain[f"{root}/d"]
    assert call["mkdir"](state={}, path=f"{root}/d") == {
        "success": True,
        "created": True,
        "path": folder,
    }
    assert call["mkdir"](state={}, path=f"{root}/d") == {
        "success": True,
        "created": False,
        "already_exists": True,
        "path": folder,
    }
    assert call["mkdir"](state={}, path=f"{root}/d", exist_ok=False)["error_type"] == "exists"
    registry["file.write"](state={}, path=path, content="abc")
    assert call["copy"](state={}, source=path, destination=other) == {
        "success": True,
        "copied": True,
        "source": plain[path],
        "destination": plain[other],
    }
    listed = call["list"](state={}, path=f"{root}/e")
    assert (listed["success"], listed["count"]) == (True, 1)
    assert listed["files"][0].endswith("e/y.txt")
    assert call["list"](state={}, path=f"{root}/e", max_results=0)["count"] == 0
    detailed = call["list"](state={}, path=f"{root}/e", detail=True)["files"][0]
    assert detailed["size"] == 3
    info = registry["storage.info"](state={}, path=other)
    assert (info["info"]["size"], info["path"]) == (3, plain[other])
    assert registry["storage.delete"](state={}, path=other) == {
        "success": True,
        "deleted": True,
        "path": plain[other],
    }
    assert call["exists"](state={}, path=other) == {
        "success": True,
        "exists": False,
        "path": plain[other],
    }


def test_a_copy_between_file_systems(registry: dict[str, Any], tmp_path: Path) -> None:
    """From the disk into memory and back."""
    there = f"memory://{uuid.uuid4().hex}/z"
    (tmp_path / "a").write_bytes(b"\x00\xff")
    registry["storage.copy"](state={}, source=str(tmp_path / "a"), destination=there)
    registry["storage.copy"](state={}, source=there, destination=str(tmp_path / "n" / "b"))
    assert (tmp_path / "n" / "b").read_bytes() == b"\x00\xff"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("storage.delete", {"path": "memory://not/there"}),
        ("storage.copy", {"source": "memory://not/there", "destination": "memory://q"}),
        ("storage.info", {"path": "memory://not/there"}),
        ("storage.list", {"path": "memory://not/there"}),
    ],
)
def test_storage_of_what_is_not_there(
    registry: dict[str, Any], name: str, given: dict[str, Any]
) -> None:
    """What is missing is not_found, everywhere."""
    found = registry[name](state={}, **given)
    assert (found["success"], found["error_type"]) == (False, "not_found")


def test_a_full_folder_needs_recursive(registry: dict[str, Any], tmp_path: Path) -> None:
    """It is deleted only when said so."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x").write_text("1")
    path = str(tmp_path / "d")
    assert registry["storage.delete"](state={}, path=path)["error_type"] == "delete_error"
    assert registry["storage.delete"](state={}, path=path, recursive=True)["deleted"] is True
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(
    ("operation", "kwargs", "expected"),
    [
        ("size", {}, {"success": True, "result": 3}),
        ("cat_file", {"start": 1}, {"success": True, "result": b"bc"}),
        ("no_such", {}, {"success": False, "error_type": "operation_not_found"}),
        ("_open", {}, {"success": False, "error_type": "operation_not_found"}),
        ("protocol", {}, {"success": False, "error_type": "operation_not_callable"}),
        ("invalidate_cache", {}, {"success": True, "result": None}),
    ],
)
def test_native_operations(
    registry: dict[str, Any],
    tmp_path: Path,
    operation: str,
    kwargs: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    """An operation of the file system by its name, with the path in front."""
    (tmp_path / "x").write_text("abc")
    found = registry["storage.native"](
        state={}, path=str(tmp_path / "x"), operation=operation, **kwargs
    )
    assert expected.items() <= found.items()
    if found.get("error_type") == "operation_not_found":
        assert 0 < len(found["available_operations"]) <= 20


@pytest.mark.parametrize(
    ("algorithm", "used"),
    [("sha256", "sha256"), ("md5", "md5"), ("blake2b", "blake2b"), ("odd", "sha256")],
)
def test_a_file_is_hashed(
    registry: dict[str, Any], tmp_path: Path, algorithm: str, used: str
) -> None:
    """By the algorithm that is named, or by SHA-256."""
    (tmp_path / "x").write_bytes(b"abc")
    path = str(tmp_path / "x")
    assert registry["storage.hash"](state={}, path=path, algorithm=algorithm) == {
        "success": True,
        "hash": hashlib.new(used, b"abc").hexdigest(),
        "algorithm": used,
        "size_bytes": 3,
        "path": path,
    }


@pytest.mark.parametrize(
    ("path", "kind"),
    [("", "validation_error"), ("/nowhere/x", "file_error"), ("s3://b/x", "dependency_error")],
)
def test_hash_failures(registry: dict[str, Any], path: str, kind: str) -> None:
    """No path, no file, no driver."""
    found = registry["storage.hash"](state={}, path=path)
    assert (found["success"], found["error_type"]) == (False, kind)


def _graph() -> StateGraph:
    graph = StateGraph({"x": int})
    graph.add_node("a", lambda state: state)
    graph.add_edge(START, "a")
    graph.add_edge("a", END)
    return graph.compile()


def test_a_checkpoint_is_saved_and_loaded(tmp_path: Path) -> None:
    """The state goes through a file, and templates learn of it."""
    path = str(tmp_path / "deep" / "c.pkl")
    with open_engine(current_graph=_graph()) as engine:
        call = actions_of(engine)
        saved = call["checkpoint.save"](state={"x": 1}, path=path, node="a", config={"k": 2})
        loaded = call["checkpoint.load"](state={}, path=path)
        last = engine.checkpoint_last
    assert saved == {"checkpoint_path": path, "saved": True}
    assert last == path
    assert isinstance(loaded.pop("checkpoint_timestamp"), float)
    assert loaded == {
        "checkpoint_state": {"x": 1},
        "checkpoint_node": "a",
        "checkpoint_config": {"k": 2},
        "checkpoint_version": loaded["checkpoint_version"],
    }


def test_a_checkpoint_without_a_graph(tmp_path: Path) -> None:
    """The failure is a result."""
    path = str(tmp_path / "c.pkl")
    with open_engine() as engine:
        saved = actions_of(engine)["checkpoint.save"](state={}, path=path)
    assert (saved["checkpoint_path"], saved["saved"]) == (path, False)
    assert saved["error"]


@pytest.mark.parametrize(
    ("content", "start"),
    [(None, "Checkpoint file not found:"), (b"not a checkpoint", "Invalid checkpoint file:")],
)
def test_checkpoint_load_failures(
    registry: dict[str, Any], tmp_path: Path, content: bytes | None, start: str
) -> None:
    """There is only an error, that says which."""
    path = tmp_path / "c.pkl"
    if content is not None:
        path.write_bytes(content)
    found = registry["checkpoint.load"](state={}, path=str(path))
    assert list(found) == ["error"]
    assert found["error"].startswith(start)
