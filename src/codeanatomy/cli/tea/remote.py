"""Files by address: local ones stay where they are, remote ones are fetched once and kept."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from urllib.request import url2pathname

from codeanatomy.cli.tea.cached import Cached
from codeanatomy.cli.tea.say import fail

if TYPE_CHECKING:
    from collections.abc import Callable

WEB = ("https", "http")
KNOWN = (*WEB, "github", "gitlab", "s3", "gs", "gcs", "az", "abfs", "abfss")
TIMEOUT = 30.0  # seconds
REDIRECTS = 5
LARGEST = 10 * 1024 * 1024  # bytes of one file


def resolve_file_url(
    path: str,
    cache_dir: str | None = None,
    no_cache: bool = False,  # noqa: FBT001, FBT002 - the promised helper
    cache_only: bool = False,  # noqa: FBT001, FBT002 - the promised helper
    fetch: Callable[[str], bytes] | None = None,
) -> str:
    """Return a local path for a path, a `file://` address or a remote one, which is fetched.

    A fetched file is used again for an hour (`TEA_CACHE_TTL`), for ever when its address names a
    commit or a version. Addresses of this machine and of private networks are refused.
    """
    scheme = urlsplit(path).scheme.lower() if "://" in path else ""
    if not scheme:
        return path
    if scheme == "file":
        return url2pathname(urlsplit(path).path)
    if scheme not in KNOWN:
        fail(f"Error: Unsupported protocol '{scheme}' in {path}; known: file, {', '.join(KNOWN)}")
    cached = Cached(cache_dir)
    found = None if no_cache else cached.find(path, stale=cache_only)
    if found is not None:
        return str(found)
    if cache_only:
        fail(f"Error: File not in cache: {path}")
    try:
        data = (fetch or fetched)(path)
    except Exception as error:  # noqa: BLE001 - a network fails in any way
        fail(f"Error: Cannot fetch {path}: {error}")
    return str(cached.keep(path, data))


def fetched(url: str) -> bytes:
    """Fetch a remote file."""
    if urlsplit(url).scheme.lower() in WEB:
        return _from_web(url)
    if url.startswith(("github://", "gitlab://")):
        from codeanatomy.workflow.actions._repository import open_repository  # noqa: PLC0415 - rarely

        filesystem, place = open_repository(url)
    else:
        import fsspec  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415 - rarely

        filesystem, place = fsspec.url_to_fs(url)
    data: bytes = filesystem.cat_file(place)
    return data


def _from_web(url: str) -> bytes:
    import requests  # noqa: PLC0415 - only for remote files

    timeout = float(os.environ.get("TEA_FETCH_TIMEOUT", TIMEOUT))
    for _ in range(REDIRECTS + 1):
        refuse_private(url)
        with requests.get(url, timeout=timeout, stream=True, allow_redirects=False) as answer:
            if answer.is_redirect:
                url = urljoin(url, answer.headers["Location"])
                continue
            answer.raise_for_status()
            data = answer.raw.read(LARGEST + 1, decode_content=True)
        if len(data) > LARGEST:
            msg = f"it is larger than {LARGEST} bytes"
            raise OSError(msg)
        return bytes(data)
    msg = f"more than {REDIRECTS} redirects"
    raise OSError(msg)


def refuse_private(url: str) -> None:
    """Raise PermissionError when a host is this machine or lies in a private network."""
    import ipaddress  # noqa: PLC0415 - only for remote files
    import socket  # noqa: PLC0415 - as above

    parts = urlsplit(url)
    if parts.scheme.lower() not in WEB or not parts.hostname:
        msg = f"{url} is not a web address"
        raise PermissionError(msg)
    for row in socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM):
        address = ipaddress.ip_address(str(row[4][0]).partition("%")[0])
        if not address.is_global:
            msg = f"host {parts.hostname} has the private address {address}, which is refused"
            raise PermissionError(msg)
