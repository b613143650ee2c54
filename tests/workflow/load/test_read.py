"""YAML is read as PyYAML's safe loader reads it, with places, and without its dangers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from codeanatomy.workflow.load.document import Document
from codeanatomy.workflow.load.errors import (
    OutsideRootError,
    YamlDuplicateKeyError,
    YamlError,
    YamlLimitError,
    YamlTagError,
)
from codeanatomy.workflow.load.read import MAX_BYTES, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

SAME = [
    "",
    "# only a comment\n",
    "a: 1",
    "- 1\n- [a, {b: c}]",
    "a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3",
    "a: &x {k: 1}\nb: &y {k: 2, z: 1}\nc:\n  <<: [*x, *y]\n  q: 0",
    "a: &s text\nb: *s",
    "on: yes\noff: no\nx: True\ny: ~\nz: null\nw:",
    "a: 1:30\nb: 0o17\nc: 017\nd: 1_000\ne: 1e3\nf: .inf\ng: -1.5\nh: 0xff\ni: 0b11\nj: +1",
    "a: 2024-01-01\nb: 2024-01-01 10:00:00\nc: 2024-01-01T10:00:00Z",
    "a: !!str 1\nb: !!int '3'\nc: !!float 3\nd: !!bool 'yes'\ne: !!null ''",
    "a: !!binary aGk=\nb: !!set {a, b}\nc: !!map {a: 1}\nd: !!seq [1]",
    "a: '1'\nb: \"2\\n\"\nc: |\n  x\n   y\nd: >-\n  c\n  d\n",
    "1: a\n2.5: b\nfalse: c\n2024-01-01: d",
    "- ! a\n- .\n- -\n- +.5\n- 1.2.3\n- 12e03\n- 0.\n- 1__0",
    "? a\n: b\n? c",
    "\ufeffa: 1",
    "a: {b: [], c: {}}",
    "run: |\n  return {'a': \"{{ state.x }}\"}\n",
]


@pytest.mark.parametrize("text", SAME)
def test_values_are_those_of_the_safe_loader(text: str) -> None:
    """Types, merges, anchors and tags of plain data."""
    assert read_yaml(text).value == yaml.safe_load(text)


def bomb(levels: int) -> str:
    """Return lists of ten aliases each, one below the other."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, levels)]
    return "\n".join(lines)


REFUSED: list[tuple[str, type[YamlError], str]] = [
    ("a: 1\nb: 2\na: 3", YamlDuplicateKeyError, "w:3:1: the key 'a' stands twice in one mapping"),
    ("x: {b: 1, b: 2}", YamlDuplicateKeyError, "first on line 1, column 5"),
    ("a: !!python/object/apply:os.system [ls]", YamlTagError, "w:1:4: unknown tag"),
    ("a: !include other.yaml", YamlTagError, "w:1:4: unknown tag '!include'"),
    ("a: !!python/tuple [1]", YamlTagError, "w:1:4: unknown tag"),
    ("!x {}", YamlTagError, "w:1:1: unknown tag"),
    (bomb(7), YamlLimitError, "aliases stand for more than 100000 values"),
    ("a: &x [*x]", YamlError, "stands for a value that holds it"),
    ("a: &x {b: *x}", YamlError, "stands for a value that holds it"),
    ("a: *x", YamlError, "w:1:4: the alias '*x' stands for nothing"),
    ("[" * 200, YamlLimitError, "nested deeper than 100"),
    ("{a: " * 200, YamlLimitError, "nested deeper than 100"),
    ("a: " + "9" * 5000, YamlLimitError, "w:1:4: a number of 5000 digits"),
    ("a: 0x" + "f" * 5000, YamlLimitError, "w:1:4: a number of 5002 digits"),
    ("a: 1" + ":59" * 3000, YamlLimitError, "w:1:4: a number of"),
    ("a: 2024-13-45", YamlError, "w:1:4: "),
    ("a: !!int x", YamlError, "w:1:4: "),
    ("a: 1\n---\nb: 2", YamlError, "w:2:1: a file holds one document"),
    ("a: [", YamlError, "w:2:1: "),
    ("a: b: c", YamlError, "w:1:5: "),
    ("\tx: 1", YamlError, "w:1:1: "),
    ("? [1]\n: 2", YamlError, "a key is a plain value, not a list"),
    ("? {a: 1}\n: 2", YamlError, "a key is a plain value, not a dict"),
    ("<<: 3", YamlError, "'<<' merges mappings, not a int"),
    ("a: \x00", YamlError, "control characters are not allowed"),
    ("a: \ud800", YamlError, "the text is not Unicode"),
]


@pytest.mark.parametrize(("text", "kind", "said"), REFUSED)
def test_what_is_refused(text: str, kind: type[YamlError], said: str) -> None:
    """Each danger has a name, and the message a place."""
    with pytest.raises(YamlError) as caught:
        read_yaml(text, file="w")
    assert type(caught.value) is kind
    assert said in str(caught.value)
    assert isinstance(caught.value, yaml.YAMLError | ValueError)
    assert caught.value.facts["file"] == "w"


def test_codes_are_stable() -> None:
    """What programs test for."""
    kinds = (YamlError, YamlLimitError, YamlDuplicateKeyError, YamlTagError, OutsideRootError)
    assert [kind.code for kind in kinds] == [
        "yaml-syntax",
        "yaml-limit",
        "yaml-duplicate-key",
        "yaml-tag",
        "outside-root",
    ]


PLACES: list[tuple[tuple[str | int, ...], tuple[int, int], tuple[int, int]]] = [
    ((), (1, 1), (1, 1)),
    (("name",), (1, 7), (1, 1)),
    (("nodes",), (3, 3), (2, 1)),
    (("nodes", 0), (3, 5), (3, 5)),
    (("nodes", 0, "name"), (3, 11), (3, 5)),
    (("nodes", 0, "run"), (4, 10), (4, 5)),
    (("nodes", 1, "with", "p"), (7, 25), (7, 22)),
    (("nodes", 1, "with", "nope"), (7, 21), (7, 15)),
    (("nodes", 9), (3, 3), (2, 1)),
    (("base", 1), (8, 14), (8, 11)),
    (("merged", "k"), (9, 14), (9, 11)),
]
TEXT = """name: x
nodes:
  - name: a
    run: |
      x = 1
      y = 2
  - {name: b, with: {p: 1}}
base: &b {1: one}
more: &m {k: 1}
merged:
  <<: *m
"""


@pytest.mark.parametrize(("path", "value", "key"), PLACES)
def test_everything_has_a_place(
    path: tuple[str | int, ...], value: tuple[int, int], key: tuple[int, int]
) -> None:
    """Line and column of values and keys; of what is not there, those of what it would be in."""
    document = read_yaml(TEXT)
    assert (document.position(path), document.key_position(path)) == (value, key)


def test_the_text_of_a_block_begins_below_its_bar() -> None:
    """So that tracebacks of code point at its lines."""
    document = read_yaml("a: |\n  x = 1\nb: x = 2\nc: >\n  y\n")
    assert [document.first_line((key,)) for key in "abc"] == [2, 3, 5]


def test_a_value_without_text_has_no_places() -> None:
    """As when a mapping and no file was given."""
    assert Document({"a": 1}).position(("a",)) == (0, 0)


def test_a_file_is_read(tmp_path: Path) -> None:
    """Its name is the document's."""
    path = tmp_path / "w.yaml"
    path.write_text("a: é\n", encoding="utf-8")
    document = read_yaml(path)
    assert (document.value, document.file) == ({"a": "é"}, str(path))


@pytest.mark.parametrize("name", ["../out.yaml", "link.yaml"])
def test_nothing_is_read_outside_a_root(tmp_path: Path, name: str) -> None:
    """Neither by dots nor by a link."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "out.yaml").write_text("secret: 1")
    (root / "link.yaml").symlink_to(tmp_path / "out.yaml")
    with pytest.raises(OutsideRootError):
        read_yaml(root / name, root=root)


def test_files_that_are_no_files_are_refused(tmp_path: Path) -> None:
    """A pipe is not waited for, a directory is not read."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(YamlError, match="not a regular file"):
        read_yaml(tmp_path / "pipe")
    with pytest.raises(IsADirectoryError):
        read_yaml(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_yaml(tmp_path / "none.yaml")


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    """Its size is looked at first."""
    path = tmp_path / "w.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(YamlLimitError, match="is larger than"):
        read_yaml(path)
    with pytest.raises(YamlLimitError, match="is longer than"):
        read_yaml("#" * (MAX_BYTES + 1))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """The first wrong byte is named."""
    path: Any = tmp_path / "w.yaml"
    path.write_bytes(b"a: \xff\xfe")
    with pytest.raises(YamlError, match=r"not UTF-8 text \(byte 3\)"):
        read_yaml(path)
