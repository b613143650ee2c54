"""Files of a repository on GitHub or GitLab, read over HTTPS: `github://owner/repo@ref/path`."""

from __future__ import annotations

import io
import os
import re
from typing import Any

from fsspec.spec import AbstractFileSystem

from codeanatomy.workflow.actions._results import Failed

_URL = re.compile(
    r"(?P<site>github|gitlab)://(?P<owner>[^/@]+)/(?P<repo>[^/@]+)(?:@(?P<ref>[^/]+))?/(?P<path>.+)"
)
_RAW = {
    "github": "https://raw.githubusercontent.com/{owner}/{repo}/{ref}/{path}",
    "gitlab": "https://gitlab.com/{owner}/{repo}/-/raw/{ref}/{path}",
}
_TOKENS = {"github": "GITHUB_TOKEN", "gitlab": "GITLAB_TOKEN"}
_TIMEOUT = 30  # seconds


def open_repository(url: str) -> tuple[RepositoryFileSystem, str]:
    """Return where a file of a repository is read from; without a ref it is that of `main`."""
    found = _URL.fullmatch(url)
    if found is None:
        shape = "github://owner/repo@ref/path or gitlab://owner/repo@ref/path"
        raise Failed(f"Cannot read the address {url}; it must look like {shape}", "invalid_url")
    parts = {**found.groupdict(), "ref": found["ref"] or "main"}
    raw = _RAW[found["site"]].format(**parts)
    return RepositoryFileSystem(site=found["site"]), raw


class RepositoryFileSystem(AbstractFileSystem):  # type: ignore[misc]  # fsspec ships no types
    """Reads whole files by their raw address; nothing can be written or listed."""

    cachable = False
    protocol = ("github", "gitlab")

    def __init__(self, site: str) -> None:
        super().__init__()
        self.site = site

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path

    def info(self, path: str, **_: object) -> dict[str, Any]:
        """Tell the size of a file; costs its download."""
        return {"name": path, "size": len(self._fetch(path)), "type": "file"}

    def _open(self, path: str, mode: str = "rb", **_: object) -> io.BytesIO:
        if mode != "rb":
            raise PermissionError(f"{path} can only be read")
        return io.BytesIO(self._fetch(path))

    def _fetch(self, url: str) -> bytes:
        import requests  # a test, or a proxy, may put another `get` in its place

        answer = requests.get(url, headers=self._headers(), timeout=_TIMEOUT)
        if answer.status_code == requests.codes.not_found:
            raise FileNotFoundError(url)
        if answer.status_code in {requests.codes.unauthorized, requests.codes.forbidden}:
            raise PermissionError(f"{url} may not be read; set {_TOKENS[self.site]}")
        answer.raise_for_status()
        return answer.content

    def _headers(self) -> dict[str, str]:
        token = os.environ.get(_TOKENS[self.site]) or os.environ.get("GIT_TOKEN")
        if not token:
            return {}
        if self.site == "github":
            return {"Authorization": f"token {token}"}
        return {"PRIVATE-TOKEN": token}
