"""Secrets from a HashiCorp Vault: one document of the key-value engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.yaml_engine.secrets._open import needs

if TYPE_CHECKING:
    from collections.abc import Mapping


class VaultSecrets:
    """Reads the document when a key is first asked for."""

    def __init__(self, client: Any, path: str, mount: str) -> None:  # noqa: ANN401 - the library's client
        self._client = client
        self._path = path
        self._mount = mount
        self._document: dict[str, Any] | None = None

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - a text or a document
        """Return a key of the document, or the default."""
        return self._read().get(key, default)

    def has(self, key: str) -> bool:
        """Tell whether the document has the key."""
        return key in self._read()

    def names(self) -> list[str]:
        """Return the keys of the document."""
        return sorted(self._read())

    def _read(self) -> dict[str, Any]:
        if self._document is None:
            found = self._client.secrets.kv.v2.read_secret_version(
                path=self._path, mount_point=self._mount, raise_on_deleted_version=True
            )
            self._document = dict(found["data"]["data"])
        return self._document


def open_source(options: Mapping[str, Any]) -> VaultSecrets:
    """Open a document: options `url` ($VAULT_ADDR), `token` ($VAULT_TOKEN), `path`, `mount`."""
    if not options.get("path"):
        raise SpecError("settings.secrets: the vault backend needs `path`")
    hvac = needs("hvac", "secrets-vault")
    client = hvac.Client(
        url=options.get("url") or os.environ.get("VAULT_ADDR"),
        token=options.get("token") or os.environ.get("VAULT_TOKEN"),
    )
    return VaultSecrets(client, str(options["path"]), str(options.get("mount") or "secret"))
