"""Secrets from Azure Key Vault; an underscore of a key is a hyphen in the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.yaml_engine.secrets._open import needs

if TYPE_CHECKING:
    from collections.abc import Mapping


class AzureSecrets:
    """Reads a secret when it is first asked for and keeps it for the life of the engine."""

    def __init__(self, client: Any, missing: type[Exception]) -> None:  # noqa: ANN401 - the library's client
        self._client = client
        self._missing = missing
        self._known: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - the default is of any type
        """Return the secret's value, or the default."""
        if key not in self._known:
            try:
                self._known[key] = self._client.get_secret(key.replace("_", "-")).value
            except self._missing:
                return default
        return self._known[key]

    def has(self, key: str) -> bool:
        """Tell whether there is such a secret."""
        return self.get(key) is not None

    def names(self) -> list[str]:
        """Return the names in the vault."""
        return sorted(str(one.name) for one in self._client.list_properties_of_secrets())


def open_source(options: Mapping[str, Any]) -> AzureSecrets:
    """Open a vault: option `vault_url`; credentials as the machine has them."""
    if not options.get("vault_url"):
        raise SpecError("settings.secrets: the azure backend needs `vault_url`")
    vault = needs("azure.keyvault.secrets", "secrets-azure")
    identity = needs("azure.identity", "secrets-azure")
    core = needs("azure.core.exceptions", "secrets-azure")
    client = vault.SecretClient(options["vault_url"], identity.DefaultAzureCredential())
    return AzureSecrets(client, core.ResourceNotFoundError)
