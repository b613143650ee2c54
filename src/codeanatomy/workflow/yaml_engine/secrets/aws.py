"""Secrets from AWS Secrets Manager: one JSON document of many keys, or one secret a key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.yaml_engine.secrets._open import needs

if TYPE_CHECKING:
    from collections.abc import Mapping


class AwsSecrets:
    """Reads a secret when it is first asked for and keeps it for the life of the engine."""

    def __init__(self, client: Any, secret_name: str | None, prefix: str) -> None:  # noqa: ANN401 - a boto3 client has no type
        self._client = client
        self._secret_name = secret_name
        self._prefix = prefix
        self._document: dict[str, Any] | None = None
        self._known: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - a text or a document
        """Return a key of the document, or the secret of that name."""
        if self._secret_name:
            return self._read_document().get(key, default)
        if key not in self._known:
            found = self._read(self._prefix + key)
            if found is None:
                return default
            self._known[key] = found
        return self._known[key]

    def has(self, key: str) -> bool:
        """Tell whether there is such a secret."""
        return self.get(key) is not None

    def names(self) -> list[str]:
        """Return the keys of the document; single secrets are not listed."""
        return sorted(self._read_document()) if self._secret_name else sorted(self._known)

    def _read_document(self) -> dict[str, Any]:
        if self._document is None:
            found = self._read(str(self._secret_name))
            self._document = found if isinstance(found, dict) else {}
        return self._document

    def _read(self, name: str) -> Any:  # noqa: ANN401 - a text or a document
        try:
            text = self._client.get_secret_value(SecretId=name).get("SecretString")
        except self._client.exceptions.ResourceNotFoundException:
            return None
        try:
            return json.loads(text)
        except (TypeError, ValueError):
            return text


def open_source(options: Mapping[str, Any]) -> AwsSecrets:
    """Open Secrets Manager: options `region`, `secret_name`, `prefix`."""
    boto3 = needs("boto3", "secrets-aws")
    region = options.get("region") or options.get("region_name")
    client = boto3.client("secretsmanager", **({"region_name": region} if region else {}))
    return AwsSecrets(client, options.get("secret_name"), str(options.get("prefix") or ""))
