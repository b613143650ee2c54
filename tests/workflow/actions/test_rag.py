"""Texts found by meaning: vectors made, kept, compared; files indexed."""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.memory.vectors import MemoryVectorIndex
from tests.workflow.fake_model import serving, vector_of
from tests.workflow.local_server import serving as site
from tests.workflow.plain_host import PlainHost, host_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def host() -> Iterator[PlainHost]:
    """Give a host whose vectors count letters."""
    made = host_with("rag", embedding_fn=vector_of)
    yield made
    for part in made.parts.values():
        if hasattr(part, "close"):
            part.close()


def ask(host: PlainHost, name: str, **params: object) -> Any:  # noqa: ANN401 - an answer
    """Call an action by name."""
    return host.actions_registry[name](state={}, **params)


# ------------------------------------------------------------------ vectors made
def test_a_vector_is_made_by_the_engine(host: PlainHost) -> None:
    """One, or a batch of them."""
    one = ask(host, "embedding.create", text="aab")
    assert one == {"embedding": vector_of("aab"), "model": "function", "dimensions": 8}
    batch = ask(host, "embedding.create", text=["a", "b"], batch=True)
    assert batch == {
        "embeddings": [vector_of("a"), vector_of("b")],
        "model": "function",
        "count": 2,
        "dimensions": 8,
    }


@pytest.mark.parametrize(
    ("model", "sent"),
    [
        (None, {"model": "text-embedding-3-small", "dimensions": 8}),
        ("text-embedding-ada-002", {"model": "text-embedding-ada-002"}),
    ],
)
def test_a_vector_by_openai(
    model: str | None, sent: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of dimensions goes to the models that take it."""
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    with serving() as server:
        settings = {"rag": {"embedding_base_url": server.url, "dimensions": 8}}
        answer = ask(
            host_with("rag", settings=settings), "embedding.create", text="aa", model=model
        )
    assert answer == {"embedding": vector_of("aa"), "model": sent["model"], "dimensions": 8}
    asked = server.asked[0]
    assert {key: asked[key] for key in ("model", "dimensions") if key in asked} == sent


def test_a_vector_by_ollama() -> None:
    """Each text is asked for by itself, in its own protocol."""
    with site() as server:
        server.says("/api/embeddings", {"embedding": [1.0, 2.0]})
        rag = {"embedding_provider": "ollama", "embedding_base_url": f"{server.url}/v1"}
        host = host_with("rag", settings={"rag": rag})
        answer = ask(host, "embedding.create", text=["a", "b"], batch=True)
    assert answer["embeddings"] == [[1.0, 2.0], [1.0, 2.0]]
    assert [one.body for one in server.asked] == [
        {"model": "nomic-embed-text", "prompt": "a"},
        {"model": "nomic-embed-text", "prompt": "b"},
    ]


def test_a_vector_by_model2vec(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model is loaded once."""
    loaded: list[str] = []

    class StaticModel:
        @classmethod
        def from_pretrained(cls, name: str) -> StaticModel:
            loaded.append(name)
            return cls()

        def encode(self, texts: list[str]) -> list[list[int]]:
            return [[len(text), 1] for text in texts]

    module = types.ModuleType("model2vec")
    module.__dict__["StaticModel"] = StaticModel
    monkeypatch.setitem(sys.modules, "model2vec", module)
    rag = {"embedding_provider": "model2vec", "embedding_model": "small"}
    host = host_with("rag", settings={"rag": rag})
    answers = [ask(host, "embedding.create", text=text)["embedding"] for text in ("a", "bcd")]
    assert (answers, loaded) == ([[1.0, 1.0], [3.0, 1.0]], ["small"])


@pytest.mark.parametrize(
    ("rag", "text"),
    [
        ({"embedding_provider": "magic"}, "Unknown provider 'magic'"),
        ({"embedding_provider": "function"}, "provider 'function' needs"),
        ({"embedding_provider": "model2vec"}, "model2vec not installed"),
    ],
)
def test_a_vector_that_cannot_be_made(
    rag: dict[str, Any], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer says why."""
    monkeypatch.setitem(sys.modules, "model2vec", None)
    answer = ask(host_with("rag", settings={"rag": rag}), "embedding.create", text="a")
    assert answer["success"] is False
    assert answer["error"].startswith(f"Embedding creation failed: {text}")


# ------------------------------------------------------------------ vectors kept
def test_texts_are_stored_and_found(host: PlainHost) -> None:
    """With scores and metadata, the vectors on demand."""
    facts = [{"n": 1}, {"n": 2}, {"n": 3}]
    stored = ask(
        host, "vector.store", texts=["aa", "ab", "bb"], ids=["x", "y", "z"], metadata=facts
    )
    assert stored == {"stored": 3, "collection": "default", "ids": ["x", "y", "z"]}
    answer = ask(host, "vector.query", query="a", k=2)
    found = [(one["id"], one["text"], one["metadata"]) for one in answer["results"]]
    assert found == [("x", "aa", {"n": 1}), ("y", "ab", {"n": 2})]
    assert answer["results"][0]["score"] == pytest.approx(1)
    assert (answer["query"], answer["collection"], answer["k"]) == ("a", "default", 2)
    filtered = ask(host, "vector.query", query="a", filter={"n_gte": 3}, include_embeddings=True)
    assert [one["embedding"] for one in filtered["results"]] == [vector_of("bb")]


def test_given_vectors_and_ids_of_ones_own(host: PlainHost) -> None:
    """Nothing is embedded; without ids there are new ones."""
    host.embedding_fn = None
    stored = ask(host, "vector.store", texts=["p"], embeddings=[[1.0, 0.0]], collection="c")
    assert len(stored["ids"][0]) == 36
    answer = ask(host, "vector.query", query=[1.0, 0.0], collection="c")
    assert [one["text"] for one in answer["results"]] == ["p"]


@pytest.mark.parametrize(
    ("name", "params", "prefix"),
    [
        ("vector.store", {"texts": ["a"], "ids": ["x", "y"]}, "Vector store failed: "),
        ("vector.query", {"query": [1.0]}, "Vector query failed: "),
        ("vector.index_files", {"paths": ["/no/such/place"]}, "File indexing failed: "),
        ("vector.index_files", {"paths": [], "chunk_by": "moon"}, "File indexing failed: "),
    ],
)
def test_what_fails_says_so(
    host: PlainHost, name: str, params: dict[str, Any], prefix: str
) -> None:
    """With a prefix of its own."""
    ask(host, "vector.store", texts=["a"])
    answer = ask(host, name, **params)
    assert (set(answer), answer["success"]) == ({"error", "success"}, False)
    assert answer["error"].startswith(prefix)


def test_vectors_in_a_file_outlive_the_engine(tmp_path: Path) -> None:
    """Where the settings say."""
    settings = {"rag": {"vector_path": str(tmp_path / "v.db")}}
    for _ in range(2):
        host = host_with("rag", embedding_fn=vector_of, settings=settings)
        before = ask(host, "vector.query", query="a")["results"]
        ask(host, "vector.store", texts=["a"], ids=["x"])
        host.parts["vector_indexes"].close()
    assert [one["id"] for one in before] == ["x"]


def test_an_index_that_the_engine_was_given(host: PlainHost) -> None:
    """Is the one that is used."""
    host.vector_index = MemoryVectorIndex()
    ask(host, "vector.store", texts=["a"], ids=["x"])
    assert [item.id for item in host.vector_index.items()] == ["x"]


# ------------------------------------------------------------------ files
@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write three files, one of them deeper."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "one.txt").write_text("aa\n\nbb\nb\n")
    (tmp_path / "deep" / "two.md").write_text("cc\n")
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\xfa")
    return tmp_path


@pytest.mark.parametrize(
    ("way", "lines"),
    [
        ("line", [(1, 1, "aa"), (3, 3, "bb"), (4, 4, "b")]),
        ("paragraph", [(1, 1, "aa"), (3, 4, "bb\nb")]),
        ("document", [(1, 4, "aa\n\nbb\nb")]),
    ],
)
def test_a_file_is_cut(
    host: PlainHost, folder: Path, way: str, lines: list[tuple[int, int, str]]
) -> None:
    """By line, paragraph or not at all; blank lines are nothing."""
    host.vector_index = MemoryVectorIndex()
    file = folder / "one.txt"
    answer = ask(host, "vector.index_files", paths=[str(file)], chunk_by=way)
    assert (answer["success"], answer["indexed"], answer["files"]) == (
        True,
        len(lines),
        [str(file)],
    )
    items = host.vector_index.items()
    found = [(i.metadata["start_line"], i.metadata["end_line"], i.text) for i in items]
    assert found == lines
    assert [item.id for item in items] == [f"{file}:{start}" for start, _, _ in lines]


def test_a_folder_is_indexed_once(host: PlainHost, folder: Path) -> None:
    """What has not changed is skipped; what has is indexed anew; what cannot be read is named."""
    first = ask(host, "vector.index_files", paths=str(folder))
    assert (first["indexed"], first["skipped"]) == (4, 0)
    assert [error["file"] for error in first["errors"]] == [str(folder / "bad.txt")]
    again = ask(host, "vector.index_files", paths=str(folder))
    assert (again["indexed"], again["skipped"], again["files"]) == (0, 2, [])
    (folder / "one.txt").write_text("ee\n")
    changed = ask(host, "vector.index_files", paths=str(folder))
    assert (changed["indexed"], changed["skipped"]) == (1, 1)
    texts = [one["text"] for one in ask(host, "vector.query", query="a", k=9)["results"]]
    assert sorted(texts) == ["cc", "ee"]
    every = ask(host, "vector.index_files", paths=str(folder), incremental=False)
    assert (every["indexed"], every["skipped"]) == (2, 0)


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"extensions": ["md"]}, ["two.md"]),
        ({"extensions": [".md"]}, ["two.md"]),
        ({"recursive": False, "extensions": ["txt", "md"]}, ["one.txt"]),
        ({"pattern": "**/two.*"}, ["two.md"]),
    ],
)
def test_which_files(
    host: PlainHost, folder: Path, params: dict[str, Any], names: list[str]
) -> None:
    """By ending, pattern and depth."""
    answer = ask(host, "vector.index_files", paths=[folder], **params)
    assert [name.rpartition("/")[2] for name in answer["files"]] == names
