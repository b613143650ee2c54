"""The route of an agent file, and its OpenAPI operation."""

from __future__ import annotations

from typing import Any

import pytest

from codeanatomy.workflow.yaml_engine.endpoint import openapi_operation, read_endpoint

FULL = {
    "name": "bmi",
    "description": "Computes.",
    "endpoint": {
        "path": "/bmi/{name}",
        "method": "post",
        "query_params": {"unit": {"type": "str", "required": False, "description": "u"}},
        "request": {"schema": {"type": "object"}},
        "response": {"description": "the figure", "content_type": "text/plain"},
    },
}


def test_defaults() -> None:
    """What is not said comes from the file; a file without an endpoint has none."""
    endpoint = read_endpoint(FULL)
    assert endpoint is not None
    assert (endpoint["method"], endpoint["summary"], endpoint["description"]) == (
        "POST",
        "bmi",
        "Computes.",
    )
    assert read_endpoint({"name": "x"}) is None


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [({"method": "GET"}, "path"), ({"path": "/x", "method": "FETCH"}, "FETCH"), ("x", "path")],
)
def test_errors(endpoint: Any, said: str) -> None:  # noqa: ANN401 - what a file says
    """A route without a path, or with a method nobody knows, is refused."""
    with pytest.raises(ValueError, match=said):
        read_endpoint({"endpoint": endpoint})


def test_operation() -> None:
    """Path parameters are read from the path; bodies have their content types."""
    endpoint = read_endpoint(FULL)
    assert endpoint is not None
    operation = openapi_operation(endpoint)
    assert [(p["name"], p["in"], p["required"]) for p in operation["parameters"]] == [
        ("name", "path", True),
        ("unit", "query", False),
    ]
    assert operation["responses"]["200"]["description"] == "the figure"
    assert list(operation["responses"]["200"]["content"]) == ["text/plain"]
    assert list(operation["requestBody"]["content"]) == ["application/json"]
