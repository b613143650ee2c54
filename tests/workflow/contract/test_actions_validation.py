"""What the validation actions answer: input schemas, extractions, prompts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.engines import Engine, actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = {
    "entities": {
        "required_fields": ["name", "type"],
        "types": {"person": ["age"], "place": []},
    },
    "relationships": {
        "required_fields": ["from", "to", "type"],
        "types": ["lives_in", {"name": "owns", "required_fields": ["since"]}],
    },
}
LACKS, LACKS_OF_TYPE = "missing_required_field", "missing_type_specific_field"
UNKNOWN = "invalid_relationship_type"
ANN = {"name": "Ann", "type": "person", "age": 3}
LIVES = {"from": "Ann", "to": "Rome", "type": "lives_in"}


@pytest.fixture
def engine() -> Iterator[Engine]:
    """Give an engine."""
    with open_engine() as one:
        yield one


def call(engine: Engine, verb: str, state: Any = None, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - parameters
    """Call one of the actions."""
    found: dict[str, Any] = actions_of(engine)[f"validate.{verb}"](state=state or {}, **given)
    return found


def test_an_input_that_fits(engine: Engine) -> None:
    """Its values come back in their types, from the data or from the state."""
    schema = {"n": {"type": "int"}, "s": {"type": "str", "default": "d"}}
    fits = {"valid": True, "data": {"n": 5, "s": "d"}}
    assert call(engine, "input", data={"n": "5"}, schema=schema) == fits
    assert call(engine, "input", {"n": 5}, schema=schema) == fits


@pytest.mark.parametrize(
    ("data", "fields"), [({}, ["n"]), ({"n": "x"}, ["n"]), ({"n": 99, "s": 1}, ["n"])]
)
def test_an_input_that_does_not_fit(
    engine: Engine, data: dict[str, Any], fields: list[str]
) -> None:
    """Every field that is wrong is named."""
    schema = {"n": {"type": "int", "required": True, "max": 9}}
    found = call(engine, "input", data=data, schema=schema)
    assert found["valid"] is False
    assert [error["field"] for error in found["errors"]] == fields


@pytest.mark.parametrize(
    ("schema", "error"), [(None, "missing"), ({"n": {"type": "odd"}}, "invalid_schema")]
)
def test_an_input_without_a_schema(engine: Engine, schema: object, error: str) -> None:
    """The schema is what is wrong."""
    found = call(engine, "input", data={}, schema=schema)
    assert (found["valid"], len(found["errors"])) == (False, 1)
    assert (found["errors"][0]["field"], found["errors"][0]["error"]) == ("__schema__", error)


def test_an_input_that_raises(engine: Engine) -> None:
    """If that is wanted, a misfit is an exception."""
    with pytest.raises(Exception, match="required"):
        call(
            engine,
            "input",
            data={},
            schema={"n": {"type": "int", "required": True}},
            raise_on_error=True,
        )


def test_a_schema_is_read(engine: Engine) -> None:
    """It is an object that validates; a bad one is told."""
    found = call(engine, "schema", schema={"n": {"type": "int"}})
    assert found["valid"] is True
    assert call(engine, "input", data={"n": "1"}, schema=found["schema"])["data"] == {"n": 1}
    bad = call(engine, "schema", schema={"n": {"type": "odd"}})
    assert (bad["schema"], bad["valid"]) == (None, False)
    assert "odd" in bad["error"]


def test_an_extraction_that_fits(engine: Engine) -> None:
    """No errors, and the moment it was checked."""
    found = call(engine, "extraction", entities=[ANN], relationships=[LIVES], schema=SCHEMA)
    datetime.fromisoformat(found.pop("validated_at"))
    assert found == {"valid": True, "errors": []}


@pytest.mark.parametrize(
    ("given", "kind", "path"),
    [
        ({"entities": [ANN, {"type": "place"}]}, LACKS, "entities[1].name"),
        ({"entities": [{"name": "A", "type": "person"}]}, LACKS_OF_TYPE, "entities[0].age"),
        ({"entities": ["text"]}, LACKS, "entities[0]"),
        ({"relationships": [{**LIVES, "to": ""}]}, LACKS, "relationships[0].to"),
        ({"relationships": [{**LIVES, "type": "eats"}]}, UNKNOWN, "relationships[0].type"),
        ({"relationships": [{**LIVES, "type": "owns"}]}, LACKS_OF_TYPE, "relationships[0].since"),
    ],
)  # fmt: skip
def test_what_an_extraction_lacks(
    engine: Engine, given: dict[str, Any], kind: str, path: str
) -> None:
    """Each error has type, path, expected, actual and message."""
    found = call(engine, "extraction", schema=SCHEMA, **given)
    assert found["valid"] is False
    (error,) = found["errors"]
    assert (error["type"], error["path"]) == (kind, path)
    assert set(error) == {"type", "path", "expected", "actual", "message"}


def test_the_extraction_of_the_state(engine: Engine) -> None:
    """State and file give what the call does not."""
    engine.definition = {"extraction_schema": SCHEMA}
    state = {"entities": [{"type": "place"}], "relationships": [], "text": "t"}
    assert [error["type"] for error in call(engine, "extraction", state)["errors"]] == [
        "missing_required_field"
    ]


def test_constraints_need_prolog(engine: Engine) -> None:
    """Where there is no engine for them, that is told."""
    found = call(engine, "extraction", constraints="constraint_violation(x) :- fail.")
    assert (found["valid"], found["errors"][0]["type"]) == (False, "configuration_error")


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ({"content": "Yes."}, []),
        ({"content": '{"valid": true}'}, []),
        ({"content": "no"}, ["semantic_probe_failed"]),
        ({"content": 'Well: {"valid": false, "reason": "r"}'}, ["semantic_probe_failed"]),
        ({"error": "no key", "success": False}, ["probe_execution_error"]),
        (RuntimeError("net"), ["probe_execution_error"]),
    ],
)
def test_probes_ask_a_model(engine: Engine, said: Any, kinds: list[str]) -> None:  # noqa: ANN401 - an answer
    """Once for each thing, with the text."""
    asked: list[dict[str, Any]] = []

    def model(**given: Any) -> Any:  # noqa: ANN401 - an answer
        asked.append(given)
        if isinstance(said, Exception):
            raise said
        return said

    engine.actions_registry["llm.call"] = model
    probe = {
        "for_each": "entities",
        "prompt": "Is {{ entity.name }} in: {{ source_text }}",
        "model": "m",
    }
    found = call(engine, "extraction", entities=[ANN], source_text="Ann", probes=[probe])
    assert [error["type"] for error in found["errors"]] == kinds
    assert [given["messages"][-1]["content"] for given in asked] == ["Is Ann in: Ann"]
    assert asked[0]["model"] == "m"


@pytest.mark.parametrize(
    ("probe", "kind"),
    [
        ({}, "invalid_probe_config"),
        ("text", "invalid_probe_config"),
        ({"prompt": "p", "for_each": "letters"}, "invalid_probe_config"),
        ({"prompt": "{{ nothing.at_all }}"}, "probe_render_error"),
    ],
)
def test_probes_that_are_none(engine: Engine, probe: object, kind: str) -> None:
    """Nothing is asked then."""
    engine.actions_registry["llm.call"] = lambda **_: pytest.fail("was asked")
    found = call(engine, "extraction", entities=[ANN], probes=[probe])
    assert [error["type"] for error in found["errors"]] == [kind]


def test_a_prompt_for_an_extraction(engine: Engine) -> None:
    """It names fields and types; without a schema it is empty."""
    text = call(engine, "generate_prompt", schema=SCHEMA, confidence_tracking=True)[
        "extraction_prompt"
    ]
    for word in ("entities", "name, type", "`person`, with age", "lives_in", "since", "confidence"):
        assert word in text
    assert call(engine, "generate_prompt") == {"extraction_prompt": ""}


def test_a_probe_that_is_given_sees_the_extraction_only(engine: Engine) -> None:
    """It may hold text of the state, which must not reach the engine's secrets."""
    engine.secrets = {"key": "planted"}
    engine.actions_registry["llm.call"] = lambda **_: pytest.fail("was asked")
    probe = {"prompt": "{{ secrets.key }}"}
    (error,) = call(engine, "extraction", entities=[ANN], probes=[probe])["errors"]
    assert error["type"] == "probe_render_error"
    assert "planted" not in str(error)


def test_a_probe_of_the_file_sees_what_the_file_sees(engine: Engine) -> None:
    """Its variables, and each thing that was extracted."""
    engine.definition = {
        "validation_constraints": {
            "probes": [{"for_each": "entities", "prompt": "{{ variables.v }} {{ entity.name }}"}]
        }
    }
    engine.variables = {"v": "Hello"}
    asked: list[str] = []

    def model(messages: list[dict[str, str]], **_: object) -> dict[str, str]:
        asked.append(messages[-1]["content"])
        return {"content": "yes"}

    engine.actions_registry["llm.call"] = model
    assert call(engine, "extraction", entities=[ANN])["valid"] is True
    assert asked == ["Hello Ann"]
