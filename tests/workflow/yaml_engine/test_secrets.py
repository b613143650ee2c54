"""Sources of secrets: each against a stand-in of its vault's library."""

# ruff: noqa: D101, D102, ANN401, ARG005, N818, RUF012 - stand-ins of libraries

from __future__ import annotations

import json
import logging
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from codeanatomy.kernel.errors import MissingPartError, SpecError, UnknownNameError
from codeanatomy.workflow.yaml_engine.engine import YAMLEngine
from codeanatomy.workflow.yaml_engine.secrets._open import Secrets, open_source


class Missing(Exception):
    """What the libraries raise for a secret that is not there."""


class AwsClient:
    exceptions = SimpleNamespace(ResourceNotFoundException=Missing)
    stored = {"app": json.dumps({"A": 1, "B": "two"}), "x/ONE": "plain"}

    def __init__(self) -> None:
        self.asked = 0

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - as boto3 calls it
        self.asked += 1
        if SecretId not in self.stored:
            raise Missing
        return {"SecretString": self.stored[SecretId]}


class AzureClient:
    def __init__(self, url: str, credential: object) -> None:
        self.url, self.credential = url, credential

    def get_secret(self, name: str) -> SimpleNamespace:
        if name != "MY-KEY":
            raise Missing
        return SimpleNamespace(value="azure value")

    def list_properties_of_secrets(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="MY-KEY")]


class GcpClient:
    def access_secret_version(self, request: dict[str, str]) -> SimpleNamespace:
        if request["name"] != "projects/p/secrets/x_KEY/versions/latest":
            raise Missing
        return SimpleNamespace(payload=SimpleNamespace(data=b"gcp value"))

    def list_secrets(self, request: dict[str, str]) -> list[SimpleNamespace]:
        assert request == {"parent": "projects/p"}
        return [SimpleNamespace(name="projects/p/secrets/x_KEY"), SimpleNamespace(name="other")]


class VaultClient:
    def __init__(self, url: str | None, token: str | None) -> None:
        self.url, self.token = url, token
        kv = SimpleNamespace(v2=self)
        self.secrets = SimpleNamespace(kv=kv)

    def read_secret_version(
        self, path: str, mount_point: str, *, raise_on_deleted_version: bool
    ) -> dict[str, Any]:
        assert (path, mount_point, raise_on_deleted_version) == ("app", "secret", True)
        return {"data": {"data": {"KEY": "vault value"}}}


def put(monkeypatch: pytest.MonkeyPatch, name: str, **attributes: Any) -> None:
    """Put a module, and the packages it stands in, where it is imported from."""
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        here = ".".join(parts[:length])
        if here not in sys.modules:
            monkeypatch.setitem(sys.modules, here, ModuleType(here))
    for key, value in attributes.items():
        setattr(sys.modules[name], key, value)


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch) -> AwsClient:
    """Put all the libraries in their places; give the client of AWS."""
    aws = AwsClient()
    put(monkeypatch, "boto3", client=lambda service, **_: aws)
    put(monkeypatch, "azure.keyvault.secrets", SecretClient=AzureClient)
    put(monkeypatch, "azure.identity", DefaultAzureCredential=object)
    put(monkeypatch, "azure.core.exceptions", ResourceNotFoundError=Missing)
    put(monkeypatch, "google.cloud.secretmanager", SecretManagerServiceClient=GcpClient)
    put(monkeypatch, "google.api_core.exceptions", NotFound=Missing)
    put(monkeypatch, "hvac", Client=VaultClient)
    monkeypatch.setenv("PRE_KEY", "env value")
    return aws


VAULTS = [
    ({"backend": "env", "prefix": "PRE_"}, "KEY", "env value", ["KEY"]),
    ({"backend": "env", "prefix": "PRE_"}, "key", "env value", ["KEY"]),
    ({"backend": "aws", "secret_name": "app"}, "B", "two", ["A", "B"]),
    ({"backend": "aws", "aws": {"secret_name": "app", "region": "r"}}, "A", 1, ["A", "B"]),
    ({"backend": "aws", "prefix": "x/"}, "ONE", "plain", ["ONE"]),
    ({"backend": "azure", "vault_url": "u"}, "MY_KEY", "azure value", ["MY-KEY"]),
    ({"backend": "gcp", "project_id": "p", "prefix": "x_"}, "KEY", "gcp value", ["KEY"]),
    ({"backend": "vault", "url": "u", "token": "t", "path": "app"}, "KEY", "vault value", ["KEY"]),
    ({"backend": "hashicorp", "path": "app"}, "KEY", "vault value", ["KEY"]),
]


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize(("settings", "key", "value", "names"), VAULTS)
def test_sources(settings: dict[str, Any], key: str, value: object, names: list[str]) -> None:
    """A source finds what is there, knows what is not, and lists names."""
    source: Any = open_source(settings)
    assert source.get(key) == value
    assert source.get("NO_SUCH", "default") == "default"
    assert (source.has(key), source.has("NO_SUCH")) == (True, False)
    assert source.names() == names


def test_a_document_is_read_once(libraries: AwsClient) -> None:
    """Many keys of one document are one question to the vault."""
    source = open_source({"backend": "aws", "secret_name": "app"})
    assert [source.get(key) for key in "ABA"] == [1, "two", 1]
    assert libraries.asked == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"backend": "azure"}, "vault_url"),
        ({"backend": "gcp"}, "project_id"),
        ({"backend": "vault"}, "path"),
    ],
)
def test_missing_options(settings: dict[str, Any], said: str) -> None:
    """A vault that needs an option names it."""
    with pytest.raises(SpecError, match=said):
        open_source(settings)


def test_unknown_source() -> None:
    """A name that no file here has lists those there are."""
    with pytest.raises(UnknownNameError, match="aws, azure, env, gcp, vault"):
        open_source({"backend": "drawer"})


def test_missing_library() -> None:
    """A library that is not installed names its extra as a fact."""
    with pytest.raises(MissingPartError) as error:
        open_source({"backend": "vault", "path": "p"})
    assert error.value.facts == {"module": "hvac", "extra": "secrets-vault"}


def test_every_value_that_is_handed_out_is_told() -> None:
    """Given values are told at once, those of a source when they are read."""
    told: dict[str, object] = {}
    source = SimpleNamespace(get=lambda key, default=None: {"k": "v"}.get(key, default), names=list)
    secrets = Secrets({"given": "g"}, source, told.__setitem__)
    assert told == {"given": "g"}
    assert secrets["k"] == "v"
    assert told == {"given": "g", "k": "v"}
    assert secrets.get("missing", 1) == 1
    assert "missing" not in secrets
    assert repr(secrets) == "Secrets(...)"


@pytest.mark.parametrize("level", [logging.WARNING, logging.DEBUG])
def test_secrets_stay_out_of_logs(
    level: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that holds a secret is logged without it, its traceback too."""
    monkeypatch.setenv("LOG_TEST_KEY", "logged-never-4711")
    definition = {
        "settings": {"secrets": {"backend": "env", "prefix": "LOG_TEST_"}},
        "nodes": [
            {"name": "a", "uses": "take", "with": {"key": "{{ secrets.KEY }}"}, "output": "k"},
            {"name": "b", "run": "raise ValueError('bad key ' + state['k'])"},
        ],
    }
    with YAMLEngine(actions_registry={"take": lambda state, key, **_: key}) as engine:
        graph = engine.load_from_dict(definition)
        graph.logger.setLevel(level)
        with caplog.at_level(level):
            (event,) = graph.invoke({})
    assert event["error"] == "bad key logged-never-4711"
    assert "bad key [REDACTED]" in caplog.text
    assert "logged-never-4711" not in caplog.text
