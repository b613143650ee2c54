"""Hostile files: whatever the text, the answer is plain data or one of our errors, in bounds."""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from codeanatomy.kernel.errors import AnatomyError
from codeanatomy.workflow.load.document import Document
from codeanatomy.workflow.load.errors import OutsideRootError, YamlError
from codeanatomy.workflow.load.inputs import InputSchema, SchemaError
from codeanatomy.workflow.load.overlay import deep_merge
from codeanatomy.workflow.load.read import read_yaml
from codeanatomy.workflow.load.scalars import loader
from codeanatomy.workflow.load.validate import structural, validate

PIECES = [
    *"[]{},:-?&*!|>'\"%@`#\n \t~<=.0123456789",
    "a: ",
    "- ",
    "  ",
    "&a ",
    "*a",
    "<<: ",
    "!!python/object/apply:os.system ",
    "!!binary ",
    "!!set ",
    "!x ",
    "---\n",
    "...\n",
    "nodes:\n",
    "  - name: a\n",
    "    goto: ",
    "edges:\n",
    "    run: |\n",
    "{{ state.x }}",
    "{% if x %}",
    "0x",
    "1e",
    ".inf",
    "2024-01-01",
    "\x00",
    "\ud800",
    "\ufeff",
    "é",
]
TEXTS = st.one_of(
    st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
)
PLAIN = (dict, list, str, int, float, bool, bytes, set, type(None))
KEYS = st.sampled_from(
    "name run uses with output type steps condition max_iterations body items action fan_in goto"
    " on_error strategy parallel_each max_workers from to when nodes edges if matrix value".split()
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["a", "b", "__end__", "while_loop", "dynamic_parallel", "parallel"]),
        st.sampled_from(["{{ state.x }}", "state.x >", "!x", "{{", "${v}", "{% for %}"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=25,
)


@settings(max_examples=400, deadline=None)
@given(text=TEXTS)
def test_any_text_is_plain_data_or_an_error(text: str) -> None:
    """No other exception, no other type; where both read it, the value is PyYAML's."""
    try:
        value = read_yaml(text).value
    except YamlError:
        return
    assert isinstance(value, PLAIN) or type(value).__module__ == "datetime"
    try:
        expected = yaml.load(text, Loader=loader())  # noqa: S506 - it is a safe loader
    except (yaml.YAMLError, ValueError):
        return
    assert repr(value) == repr(expected)


@settings(max_examples=80, deadline=None)
@given(value=VALUES)
def test_any_value_can_be_checked(value: Any) -> None:  # noqa: ANN401 - any value
    """A check gives findings of text and numbers, and never fails itself."""
    for found in [*validate(Document(value), strict=True), *structural(Document(value))]:
        assert found.code.isupper()
        assert found.severity in {"error", "warning"}


@settings(max_examples=80, deadline=None)
@given(nodes=st.lists(st.dictionaries(KEYS, VALUES, max_size=6), max_size=4))
def test_any_nodes_can_be_checked(nodes: list[dict[str, Any]]) -> None:
    """Also those that are nearly right."""
    named = [{**node, "name": f"n{i}"} for i, node in enumerate(nodes)]
    validate(Document({"nodes": named, "edges": nodes}), strict=True)


@settings(max_examples=100, deadline=None)
@given(base=VALUES, overlay=VALUES)
def test_any_overlay_leaves_its_sources_alone(base: Any, overlay: Any) -> None:  # noqa: ANN401 - any value
    """Laying one over another changes neither; laid over nothing it loses only deletions."""
    before = repr((base, overlay))
    merged = deep_merge(base, overlay)
    assert repr((base, overlay)) == before
    assert isinstance(merged, dict) == isinstance(overlay, dict)


@settings(max_examples=150, deadline=None)
@given(schema=VALUES, data=st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_input_is_accepted_or_refused(schema: Any, data: dict[str, Any]) -> None:  # noqa: ANN401 - any value
    """A schema that is none says so; input that does not fit has listed problems."""
    try:
        known = InputSchema.from_dict(schema)
    except SchemaError:
        return
    result, problems = known.check(data)
    assert result.keys() <= known.fields.keys()
    assert all(problem["message"] for problem in problems)


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [" + "x, " * 50 + "]\n" + "b: &b [" + "*a, " * 50 + "]\nc: [" + "*b, " * 5000 + "]",
        "\n".join(f"k{i}: &k{i} {{<<: [*k{i - 1}, *k{i - 1}]}}" for i in range(1, 5000)),
        "k0: &k0 {a: 1}\n" + "\n".join(f"k{i}: &k{i} [*k{i - 1}, *k{i - 1}]" for i in range(1, 99)),
        "[" * 1_000_000,
        "{" * 1_000_000,
        "a: " * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "&a " * 100_000,
        "!!str " * 100_000,
        "a: " + "9" * 1_000_000,
        "a: '" + "x" * 1_000_000,
        "%" * 100_000,
    ],
    ids=range(13),
)
def test_memory_is_bounded(text: str) -> None:
    """A hostile file costs a small multiple of its size before it is refused."""
    tracemalloc.start()
    try:
        with pytest.raises(YamlError):
            read_yaml(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40 * len(text) + 20_000_000


@settings(max_examples=100, deadline=None)
@given(
    parts=st.lists(
        st.sampled_from(["..", ".", "a", "link", "/", "~", "\x00", "file:", "x.yaml"]), max_size=6
    )
)
def test_no_name_leads_out_of_a_root(
    parts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever a file name is made of, what is read lies below the root or nothing is read."""
    base = tmp_path_factory.getbasetemp() / "fuzzed"
    root = base / "root"
    if not root.exists():
        (root / "a").mkdir(parents=True)
        (base / "x.yaml").write_text("outside: 1")
        (root / "a" / "x.yaml").write_text("inside: 1")
        (root / "link").symlink_to(base)
    try:
        document = read_yaml(root / Path("/".join(parts)), root=root)
    except (OutsideRootError, YamlError, OSError, ValueError):
        return
    assert document.value == {"inside": 1}


def test_nothing_is_imported_by_a_file() -> None:
    """Tags of Python name modules; none of them is touched."""
    before = set(sys.modules)
    for tag in ("python/module:antigravity", "python/name:antigravity.x", "python/object:this.s"):
        with pytest.raises(AnatomyError):
            read_yaml(f"a: !!{tag} {{}}")
    assert not {"antigravity", "this"} & (set(sys.modules) - before)
