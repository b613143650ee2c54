"""Secrets from Google Secret Manager, the latest version of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.yaml_engine.secrets._open import needs

if TYPE_CHECKING:
    from collections.abc import Mapping


class GcpSecrets:
    """Reads a secret when it is first asked for and keeps it for the life of the engine."""

    def __init__(self, client: Any, project: str, prefix: str, missing: type[Exception]) -> None:  # noqa: ANN401 - the library's client
        self._client = client
        self._project = project
        self._prefix = prefix
        self._missing = missing
        self._known: dict[str, str] = {}

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - the default is of any type
        """Return the latest version of the secret, or the default."""
        if key not in self._known:
            name = f"projects/{self._project}/secrets/{self._prefix}{key}/versions/latest"
            try:
                found = self._client.access_secret_version(request={"name": name})
            except self._missing:
                return default
            self._known[key] = found.payload.data.decode("utf-8")
        return self._known[key]

    def has(self, key: str) -> bool:
        """Tell whether there is such a secret."""
        return self.get(key) is not None

    def names(self) -> list[str]:
        """Return the names of the project's secrets."""
        listed = self._client.list_secrets(request={"parent": f"projects/{self._project}"})
        names = (str(one.name).rsplit("/", 1)[-1] for one in listed)
        return sorted(
            name.removeprefix(self._prefix) for name in names if name.startswith(self._prefix)
        )


def open_source(options: Mapping[str, Any]) -> GcpSecrets:
    """Open a project: options `project_id`, `prefix`."""
    project = options.get("project_id") or options.get("project")
    if not project:
        raise SpecError("settings.secrets: the gcp backend needs `project_id`")
    manager = needs("google.cloud.secretmanager", "secrets-gcp")
    core = needs("google.api_core.exceptions", "secrets-gcp")
    client = manager.SecretManagerServiceClient()
    return GcpSecrets(client, str(project), str(options.get("prefix") or ""), core.NotFound)
