"""Tokens: who may come in over HTTP, as whom; a server on loopback may go without."""

from __future__ import annotations

import hmac
import ipaddress
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from codeanatomy.ecs.runtime.errors import TokenError, UnsafeAddressError
from codeanatomy.ecs.runtime.role import Actor, Role, role_of
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCAL = Actor("local", Role.ADMIN)
"""Who asks where no token is needed."""
SHORTEST = 16


class Tokens:
    """Digests of tokens with their actors; the tokens themselves are not kept."""

    def __init__(self, known: Mapping[str, Actor]) -> None:
        self._actors = [(_digest(token), actor) for token, actor in known.items()]

    def __bool__(self) -> bool:
        return bool(self._actors)

    def actor(self, authorization: str) -> Actor:
        """Give the actor of an `Authorization: Bearer` header."""
        if not self._actors:
            return LOCAL
        scheme, _, token = authorization.partition(" ")
        shown = _digest(token.strip())
        found = [actor for digest, actor in self._actors if hmac.compare_digest(digest, shown)]
        if scheme.lower() != "bearer" or not found:
            raise TokenError("this server wants a token: `Authorization: Bearer <token>`")
        return found[0]


def read_tokens(path: str | Path) -> dict[str, Actor]:
    """Read a TOML file: a table for each actor, with `role` and `token`."""
    try:
        found = tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"{path} cannot be read as a file of tokens: {error}") from None
    known: dict[str, Actor] = {}
    for name, row in found.items():
        if not isinstance(row, dict) or set(row) != {"role", "token"}:
            raise SpecError(f"{path}: [{name}] has `role` and `token`, and nothing else", name=name)
        known[checked(str(row["token"]), name)] = Actor(name, role_of(str(row["role"])))
    return known


def checked(token: str, name: str) -> str:
    """Refuse a token that is short enough to be guessed."""
    if len(token) < SHORTEST:
        raise SpecError(f"the token of {name} is shorter than {SHORTEST} letters", name=name)
    return token


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches a host."""
    if host.strip("[]").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_address(host: str, tokens: Tokens) -> None:
    """Refuse to be reached from beyond this machine without tokens."""
    if not tokens and not is_loopback(host):
        raise UnsafeAddressError(
            f"whoever reaches {host} could do everything; give tokens (--tokens FILE), or stay on "
            "127.0.0.1",
            host=host,
        )


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
