"""What the web actions ask of the services, and what they answer."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
import requests
from the_edge_agent import SQLiteBackend

from tests.workflow.contract.engines import Engine, actions_of, open_engine
from tests.workflow.local_server import Site, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = ("FIRECRAWL_API_KEY", "PERPLEXITY_API_KEY", "SCRAPEGRAPH_API_KEY")
HOSTS = ("https://api.firecrawl.dev", "https://api.perplexity.ai")
PAGE = "http://x.org"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Give an engine with keys for all services."""
    for name in KEYS:
        monkeypatch.setenv(name, "secret")
    memory = SQLiteBackend(":memory:")
    with open_engine(ltm_backend=memory) as one:
        yield one
    memory.close()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Give a server that stands where the services are."""
    real: dict[str, Any] = {"get": requests.get, "post": requests.post}
    with serving() as local:

        def here(verb: str) -> Any:  # noqa: ANN401 - a function of requests
            def ask(url: str, **kw: Any) -> Any:  # noqa: ANN401 - as requests
                for home in HOSTS:
                    url = url.replace(home, local.url)
                local.timeouts.append(kw["timeout"])
                return real[verb](url, **kw)

            return ask

        for verb in real:
            monkeypatch.setattr(requests, verb, here(verb))
        yield local


def call(engine: Engine, verb: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - parameters
    """Call a web action."""
    found: dict[str, Any] = actions_of(engine)[f"web.{verb}"](state={}, **given)
    return found


@pytest.mark.parametrize(
    ("verb", "given", "variable"),
    [
        ("scrape", {"url": PAGE}, "FIRECRAWL_API_KEY"),
        ("crawl", {"url": PAGE}, "FIRECRAWL_API_KEY"),
        ("search", {"query": "q"}, "PERPLEXITY_API_KEY"),
        ("ai_scrape", {"url": PAGE, "prompt": "p"}, "SCRAPEGRAPH_API_KEY"),
    ],
)
def test_a_missing_key_is_named(
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    given: dict[str, Any],
    variable: str,
) -> None:
    """It is looked for at every call."""
    monkeypatch.delenv(variable)
    found = call(engine, verb, **given)
    assert (found["success"], found["error_type"]) == (False, "configuration")
    assert variable in found["error"]


CLICK = [{"type": "click"}]


@pytest.mark.parametrize(
    ("given", "sent", "timeout"),
    [
        ({}, {}, 35),
        ({"timeout": 1000}, {"timeout": 1000}, 6),
        ({"only_main_content": False}, {"onlyMainContent": False}, 35),
        ({"formats": ["html"], "wait_for": 5}, {"formats": ["html"], "waitFor": 5}, 35),
        ({"mobile": True, "include_tags": ["a"]}, {"mobile": True, "includeTags": ["a"]}, 35),
        ({"exclude_tags": ["b"], "actions": CLICK}, {"excludeTags": ["b"], "actions": CLICK}, 35),
        ({"extract_prompt": "p"}, {"extract": {"prompt": "p"}}, 35),
        (
            {"extract_prompt": "p", "extract_schema": {"a": 1}},
            {"extract": {"schema": {"a": 1}}},
            35,
        ),
    ],
)
def test_what_a_scrape_asks(
    engine: Engine, site: Site, given: dict[str, Any], sent: dict[str, Any], timeout: float
) -> None:
    """Only what is given is sent."""
    site.says("/v1/scrape", {"success": True, "data": {"markdown": "# x", "odd": 1}})
    found = call(engine, "scrape", url=PAGE, **given)
    assert found == {"success": True, "url": PAGE, "metadata": {}, "markdown": "# x"}
    usual = {"url": PAGE, "onlyMainContent": True, "timeout": 30000}
    assert site.asked[0].body == {**usual, **sent}
    assert site.asked[0].headers["Authorization"] == "Bearer secret"
    assert site.asked[0].headers["Content-Type"] == "application/json"
    assert site.timeouts == [timeout]


def test_all_parts_of_a_page(engine: Engine, site: Site) -> None:
    """Whatever the service found."""
    data = {"markdown": "m", "html": "h", "links": [], "screenshot": "s", "extract": {"a": 1}}
    site.says("/v1/scrape", {"success": True, "data": {**data, "metadata": {"title": "t"}}})
    assert call(engine, "scrape", url=PAGE) == {
        "success": True,
        "url": PAGE,
        "metadata": {"title": "t"},
        **data,
    }


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, {"error": "slow down"}, "rate_limit"),
        (402, {"error": "pay"}, "payment_required"),
        (500, b"oops", "api_error"),
        (404, {}, "api_error"),
        (200, {"success": False, "error": "blocked"}, "api_error"),
        (200, b"not json", "api_error"),
        (200, [1], "api_error"),
    ],
)
@pytest.mark.parametrize(("verb", "path"), [("scrape", "/v1/scrape"), ("crawl", "/v1/crawl")])
def test_a_service_refuses(
    engine: Engine, site: Site, verb: str, path: str, status: int, body: object, kind: str
) -> None:
    """Each refusal has its type."""
    site.says(path, body, status=status)
    found = call(engine, verb, url=PAGE)
    assert (found["success"], found["error_type"]) == (False, kind)
    assert found["error"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.exceptions.Timeout("t"), "timeout"),
        (requests.exceptions.ConnectTimeout("t"), "timeout"),
        (requests.exceptions.ConnectionError("c"), "connection"),
        (requests.exceptions.InvalidURL("u"), "api_error"),
    ],
)
@pytest.mark.parametrize(
    ("verb", "given"),
    [("scrape", {"url": PAGE}), ("crawl", {"url": PAGE}), ("search", {"query": "q"})],
)
def test_the_net_fails(
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    given: dict[str, Any],
    error: Exception,
    kind: str,
) -> None:
    """The exceptions of requests have types."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(requests, "post", fail)
    found = call(engine, verb, **given)
    assert (found["success"], found["error_type"]) == (False, kind)


def test_a_crawl_is_waited_for(engine: Engine, site: Site) -> None:
    """Until it is done; its pages come with their addresses."""
    site.says("/v1/crawl", {"success": True, "id": "j1"})
    site.says("/v1/crawl/j1", {"status": "scraping"})
    site.says(
        "/v1/crawl/j1",
        {
            "status": "completed",
            "data": [
                {"markdown": "m", "metadata": {"sourceURL": "u"}, "html": "h", "odd": 1},
                {"markdown": "n"},
            ],
        },
    )
    found = call(
        engine,
        "crawl",
        url=PAGE,
        poll_interval=0.01,
        formats=["html"],
        include_paths=["a"],
        exclude_paths=["b"],
        allow_external_links=True,
        max_depth=3,
        limit=4,
    )
    assert found == {
        "success": True,
        "pages": [
            {"url": "u", "markdown": "m", "metadata": {"sourceURL": "u"}, "html": "h"},
            {"url": None, "markdown": "n", "metadata": {}},
        ],
        "total_pages": 2,
        "job_id": "j1",
    }
    assert site.asked[0].body == {
        "url": PAGE,
        "maxDepth": 3,
        "limit": 4,
        "scrapeOptions": {"onlyMainContent": True, "formats": ["html"]},
        "includePaths": ["a"],
        "excludePaths": ["b"],
        "allowExternalLinks": True,
    }
    assert [one.method for one in site.asked] == ["POST", "GET", "GET"]


@pytest.mark.parametrize(
    ("said", "status", "kind", "text"),
    [
        ({"status": "failed"}, 200, "api_error", "Crawl job failed"),
        ({"status": "failed", "error": "why"}, 200, "api_error", "why"),
        ({"status": "scraping"}, 200, "timeout", "0.02 seconds"),
        ({}, 429, "rate_limit", "429"),
    ],
)
def test_a_crawl_fails_later(
    engine: Engine, site: Site, said: dict[str, Any], status: int, kind: str, text: str
) -> None:
    """The job is named in the error."""
    site.says("/v1/crawl", {"success": True, "id": "j"})
    site.says("/v1/crawl/j", said, status=status)
    found = call(engine, "crawl", url=PAGE, poll_interval=0.005, max_poll_time=0.02)
    assert (found["success"], found["error_type"], found["job_id"]) == (False, kind, "j")
    assert text in found["error"]


@pytest.mark.parametrize(
    ("given", "tokens", "timeout"),
    [({}, 1024, 30), ({"timeout": 5}, 1024, 5), ({"model": "sonar-deep-research"}, 4096, 60)],
)
def test_a_search(
    engine: Engine, site: Site, given: dict[str, Any], tokens: int, timeout: float
) -> None:
    """The answer, and the pages it cites, as texts or as mappings."""
    cited = ["http://a", {"url": "http://b", "title": "B", "snippet": "s"}, "http://c"]
    answer = {"choices": [{"message": {"content": "because"}}], "citations": cited}
    site.says("/chat/completions", answer)
    found = call(engine, "search", query="why?", num_results=2, **given)
    model = given.get("model", "sonar")
    assert found == {
        "success": True,
        "results": [
            {"title": "http://a", "url": "http://a", "snippet": "", "position": 1},
            {"title": "B", "url": "http://b", "snippet": "s", "position": 2},
        ],
        "query": "why?",
        "total_results": 2,
        "answer": "because",
        "model": model,
    }
    sent = site.asked[0].body
    assert [one["role"] for one in sent["messages"]] == ["system", "user"]
    assert sent["messages"][1]["content"] == "why?"
    assert (sent["model"], sent["max_tokens"], sent["return_citations"]) == (model, tokens, True)
    assert site.timeouts == [timeout]


class Client:
    """What stands for the library of ScrapeGraph, which is not installed."""

    made: list[dict[str, Any]]
    says: list[Any]

    def __init__(self, api_key: str) -> None:
        self.api_key = api_key

    def smartscraper(self, **given: Any) -> Any:  # noqa: ANN401 - as the library
        """Answer, or fail, as told."""
        Client.made.append({"api_key": self.api_key, **given})
        said = Client.says.pop(0) if len(Client.says) > 1 else Client.says[0]
        if isinstance(said, Exception):
            raise said
        return said


@pytest.fixture
def scraper(monkeypatch: pytest.MonkeyPatch) -> type[Client]:
    """Put the library in its place, without pauses between its tries."""
    module = ModuleType("scrapegraph_py")
    module.Client = Client  # type: ignore[attr-defined] # a module made here
    monkeypatch.setitem(sys.modules, "scrapegraph_py", module)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    Client.made, Client.says = [], [{"result": {"a": 1}}]
    return Client


def test_a_page_is_read_into_a_shape(engine: Engine, scraper: type[Client]) -> None:
    """The shape becomes a model of pydantic."""
    shape = {
        "type": "object",
        "properties": {
            "a": {"type": "integer"},
            "b": {"type": "array", "items": {"type": "string"}},
            "c": {"type": "object", "properties": {"d": {"type": "boolean"}}},
        },
        "required": ["a"],
    }
    found = call(engine, "ai_scrape", url=PAGE, prompt="p", output_schema=shape)
    assert found == {"success": True, "data": {"a": 1}, "url": PAGE, "schema_used": True}
    (made,) = scraper.made
    assert (made["api_key"], made["website_url"], made["user_prompt"]) == ("secret", PAGE, "p")
    value = made["output_schema"](a=1, b=["x"], c={"d": True})
    assert value.model_dump() == {"a": 1, "b": ["x"], "c": {"d": True}}
    assert made["output_schema"](a=1).b is None


def test_a_page_without_a_shape(engine: Engine, scraper: type[Client]) -> None:
    """The model is not asked for one."""
    assert call(engine, "ai_scrape", url=PAGE, prompt="p")["schema_used"] is False
    assert scraper.made[0]["output_schema"] is None


@pytest.mark.parametrize(
    ("said", "kind", "calls"),
    [
        (RuntimeError("429 Too many"), "rate_limit", 3),
        (RuntimeError("401 Unauthorized"), "authentication", 1),
        (TimeoutError("late"), "timeout", 3),
        (RuntimeError("boom"), "api_error", 3),
    ],
)
def test_scraping_fails(
    engine: Engine, scraper: type[Client], said: Exception, kind: str, calls: int
) -> None:
    """It is tried again, where that may help."""
    scraper.says = [said]
    found = call(engine, "ai_scrape", url=PAGE, prompt="p")
    assert (found["success"], found["error_type"], len(scraper.made)) == (False, kind, calls)


def test_a_second_try_may_work(engine: Engine, scraper: type[Client]) -> None:
    """Then nothing is wrong."""
    scraper.says = [RuntimeError("boom"), {"result": 2}]
    assert call(engine, "ai_scrape", url=PAGE, prompt="p")["data"] == 2


@pytest.mark.parametrize(
    "given",
    [{"output_schema": {"type": "object"}}, {"schema": {"uses": "no-such.json"}}, {"schema": [1]}],
)
def test_shapes_that_are_none(engine: Engine, scraper: type[Client], given: dict[str, Any]) -> None:
    """Nothing is asked then."""
    found = call(engine, "ai_scrape", url=PAGE, prompt="p", **given)
    assert (found["success"], found["error_type"]) == (False, "schema_error")
    assert scraper.made == []


def test_no_library(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "scrapegraph_py", None)
    found = call(engine, "ai_scrape", url=PAGE, prompt="p")
    assert (found["success"], found["error_type"]) == (False, "dependency")
    assert "pip install scrapegraph-py" in found["error"]


def test_a_read_page_is_remembered(engine: Engine, scraper: type[Client]) -> None:
    """By its address, the question and the shape."""
    given = {"url": PAGE, "prompt": "p", "cache": {"enabled": True}}
    first, second = (call(engine, "ai_scrape", **given) for _ in "12")
    assert first["_cache_key"].startswith("cache:web.ai_scrape:")
    assert len(first["_cache_key"]) == len("cache:web.ai_scrape:") + 64
    assert second.pop("_cache_created_at")
    assert second == {**first, "_cache_hit": True}
    call(engine, "ai_scrape", **{**given, "prompt": "q"})
    call(engine, "ai_scrape", **{**given, "cache": {"enabled": True, "skip_cache": True}})
    assert len(scraper.made) == 3
