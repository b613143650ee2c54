"""Reading the web through services that do it: Firecrawl, Perplexity and ScrapeGraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _web
from codeanatomy.workflow.actions._results import Failed, Result, ok

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""

    def ai_scrape(
        state: State,
        url: str,
        prompt: str,
        output_schema: State | None = None,
        schema: State | None = None,
        timeout: float = 60,
        max_retries: int = 3,
        cache: State | None = None,
        **_: object,
    ) -> Result:
        """Let a model read a page and answer in a shape, and remember it if asked to."""
        from codeanatomy.workflow.actions import _scrapegraph

        wanted = _scrapegraph.Wanted(
            url, prompt, output_schema or schema, timeout, max_retries, cache or {}
        )
        return _scrapegraph.scrape(host, wanted)

    return {
        "web.scrape": scrape,
        "web.crawl": crawl,
        "web.search": search,
        "web.ai_scrape": ai_scrape,
    }


def scrape(
    state: State,
    url: str,
    formats: list[str] | None = None,
    only_main_content: bool = True,
    wait_for: int | None = None,
    timeout: int = 30000,
    actions: list[State] | None = None,
    extract_schema: State | None = None,
    extract_prompt: str | None = None,
    mobile: bool = False,
    include_tags: list[str] | None = None,
    exclude_tags: list[str] | None = None,
    **_: object,
) -> Result:
    """Return a page as Markdown, HTML, links, a screenshot or extracted data."""
    extract = {"schema": extract_schema} if extract_schema else {"prompt": extract_prompt}
    payload = {
        "url": url,
        "onlyMainContent": only_main_content,
        "timeout": timeout,
        "formats": formats,
        "waitFor": wait_for,
        "actions": actions,
        "mobile": mobile or None,
        "includeTags": include_tags,
        "excludeTags": exclude_tags,
        "extract": extract if extract_schema or extract_prompt else None,
    }
    return _web.attempt(lambda: _web.scrape(url, _given(payload), timeout / 1000 + 5))


def crawl(
    state: State,
    url: str,
    max_depth: int = 2,
    limit: int = 10,
    formats: list[str] | None = None,
    only_main_content: bool = True,
    include_paths: list[str] | None = None,
    exclude_paths: list[str] | None = None,
    allow_external_links: bool = False,
    poll_interval: float = 2.0,
    max_poll_time: float = 300.0,
    **_: object,
) -> Result:
    """Return the pages that can be reached from one."""
    payload = {
        "url": url,
        "maxDepth": max_depth,
        "limit": limit,
        "scrapeOptions": _given({"onlyMainContent": only_main_content, "formats": formats}),
        "includePaths": include_paths,
        "excludePaths": exclude_paths,
        "allowExternalLinks": allow_external_links or None,
    }
    return _web.attempt(lambda: _web.crawl(_given(payload), poll_interval, max_poll_time))


def search(
    state: State,
    query: str,
    num_results: int = 10,
    model: str = "sonar",
    timeout: float = 60,
    **_: object,
) -> Result:
    """Answer a question from the web, with the pages the answer rests on."""

    def work() -> Result:
        answer, citations = _web.ask(query, model, timeout)
        if not isinstance(citations, list):
            raise Failed("The service sent citations that are no list", "api_error")
        results = [_web.citation(one, n) for n, one in enumerate(citations[:num_results], 1)]
        return ok(
            results=results, query=query, total_results=len(results), answer=answer, model=model
        )

    return _web.attempt(work)


def _given(payload: State) -> State:
    return {name: value for name, value in payload.items() if value is not None}
