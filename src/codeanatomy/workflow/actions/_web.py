"""What the services of the web are asked over HTTP, and what their failures are called."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._results import Failed, Result, err, ok

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

State = dict[str, Any]

_FIRECRAWL = "https://api.firecrawl.dev/v1"
_PERPLEXITY = "https://api.perplexity.ai/chat/completions"
_PARTS = ("markdown", "html", "links", "screenshot", "extract")
_KINDS = {402: "payment_required", 429: "rate_limit"}
_BAD = 400
_POLL_TIMEOUT = 30.0  # seconds
_DEEP_MODEL = "sonar-deep-research"
_ROLE = "Search the web and answer the question precisely, citing your sources."


def attempt(work: Callable[[], Result]) -> Result:
    """Do `work`; a failure of the network becomes a result of the promised type."""
    import requests

    try:
        return work()
    except Failed as failed:
        return failed.result
    except requests.exceptions.Timeout as error:
        return err(f"Request timed out: {error}", "timeout")
    except requests.exceptions.ConnectionError as error:
        return err(f"Connection failed: {error}", "connection")
    except Exception as error:
        return err(f"Request failed: {error}", "api_error")


def key(name: str) -> str:
    """Return the key in an environment variable; raises Failed (configuration)."""
    found = os.environ.get(name)
    if not found:
        raise Failed(f"{name} environment variable is not set", "configuration")
    return found


def scrape(url: str, payload: State, timeout: float) -> Result:
    """Return one page."""
    body = _post(f"{_FIRECRAWL}/scrape", "FIRECRAWL_API_KEY", payload, timeout)
    _refuse_failure(body, "Scrape failed")
    data = body.get("data") or {}
    parts = {part: data[part] for part in _PARTS if part in data}
    return ok(url=url, metadata=data.get("metadata") or {}, **parts)


def crawl(payload: State, interval: float, patience: float) -> Result:
    """Begin a crawl and return its pages when it is done."""
    body = _post(f"{_FIRECRAWL}/crawl", "FIRECRAWL_API_KEY", payload, _POLL_TIMEOUT)
    _refuse_failure(body, "Crawl failed to start")
    job = body.get("id")
    if not job:
        raise Failed("The service named no crawl job", "api_error")
    try:
        done = _wait(str(job), interval, patience)
    except Failed as failed:
        return {**failed.result, "job_id": job}
    except Exception as error:
        raised = error
        return {**attempt(lambda: _raise(raised)), "job_id": job}
    pages = [_page(one) for one in done.get("data") or []]
    return ok(pages=pages, total_pages=len(pages), job_id=job)


def ask(query: str, model: str, timeout: float) -> tuple[str, Any]:
    """Return the answer to a question, and its citations."""
    deep = model == _DEEP_MODEL
    payload = {
        "model": model,
        "messages": [
            {"role": "system", "content": _ROLE},
            {"role": "user", "content": query},
        ],
        "return_citations": True,
        "max_tokens": 4096 if deep else 1024,
    }
    seconds = timeout if deep else min(timeout, 30)
    body = _post(_PERPLEXITY, "PERPLEXITY_API_KEY", payload, seconds)
    choices = body.get("choices") or [{}]
    answer = (choices[0].get("message") or {}).get("content") or ""
    return answer, body.get("citations") or []


def citation(cited: Any, position: int) -> State:
    """Return a citation, an address or a mapping, as a result."""
    known = cited if isinstance(cited, dict) else {"url": str(cited)}
    url = known.get("url", "")
    return {
        "title": known.get("title") or url,
        "url": url,
        "snippet": known.get("snippet") or known.get("text") or "",
        "position": position,
    }


def _post(url: str, variable: str, payload: State, timeout: float) -> State:
    import requests

    answer = requests.post(url, headers=_headers(variable), json=payload, timeout=timeout)
    return _body(answer)


def _wait(job: str, interval: float, patience: float) -> State:
    import requests

    until = time.monotonic() + patience
    while time.monotonic() < until:
        answer = requests.get(
            f"{_FIRECRAWL}/crawl/{job}",
            headers=_headers("FIRECRAWL_API_KEY"),
            timeout=_POLL_TIMEOUT,
        )
        body = _body(answer)
        if body.get("status") == "completed":
            return body
        if body.get("status") == "failed":
            raise Failed(str(body.get("error") or "Crawl job failed"), "api_error")
        time.sleep(interval)
    raise Failed(f"Crawl job was not done after {patience} seconds", "timeout")


def _headers(variable: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key(variable)}", "Content-Type": "application/json"}


def _body(answer: requests.Response) -> State:
    if answer.status_code >= _BAD:
        kind = _KINDS.get(answer.status_code, "api_error")
        raise Failed(f"HTTP {answer.status_code}: {_told(answer)}", kind)
    body = answer.json()
    if not isinstance(body, dict):
        raise Failed(f"The service sent a {type(body).__name__}, not an object", "api_error")
    return body


def _told(answer: requests.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:500]
    return str(body.get("error", body) if isinstance(body, dict) else body)[:500]


def _refuse_failure(body: State, told: str) -> None:
    if not body.get("success", True):
        raise Failed(str(body.get("error") or told), "api_error")


def _page(found: State) -> State:
    metadata = found.get("metadata") or {}
    parts: State = {part: found[part] for part in ("html", "links") if part in found}
    return {
        "url": metadata.get("sourceURL"),
        "markdown": found.get("markdown", ""),
        "metadata": metadata,
        **parts,
    }


def _raise(error: Exception) -> Result:
    raise error
