"""What the type checker says of calls and expressions becomes rows with places in the files."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.cpg import config
from codeanatomy.cpg.extract import types
from codeanatomy.cpg.extract._pysa import Module, Report, ReportError, place
from codeanatomy.cpg.extract._witness import Seen, Witnessed, WitnessError
from codeanatomy.kernel.errors import MissingPartError
from tests.builds import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE = """\
class Thing:
    def eat(self) -> int:
        return 1
    def __add__(self, other: object) -> "Thing":
        return self
"""
USE = """\
from base import Thing
class Apple(Thing):
    @property
    def taxed(self) -> int:
        return 2
def main(a: Apple, f) -> None:
    é = Apple(); é.eat(); é + a
    print(a.taxed); f()
    for x in map(len, "ab"): pass
"""


def observe(root: Path, files: dict[str, str | bytes], **settings: object) -> Witnessed:
    """Write files, and let the checker read them."""
    write(root, files)
    raws = [t.encode() if isinstance(t, str) else t for t in files.values()]
    seen = [Seen(n + 1, path, raw) for n, (path, raw) in enumerate(zip(files, raws, strict=True))]
    return types.observe(root, seen, config.resolve(root, settings, {}))


def text_at(file_no: int, start: int, end: int) -> str:
    """Return the text of a place."""
    raw = list(FILES.values())[file_no - 1]
    return (raw.encode() if isinstance(raw, str) else raw)[start:end].decode()


def calls(found: Witnessed) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """Return what runs, by the text of each place, kind and role."""
    return {
        (text_at(r["file_no"], r["bstart"], r["bend"]), r["kind"], r["role"]): (
            r["target"],
            r["target_file"] and text_at(r["target_file"], r["target_bstart"], r["target_bend"]),
            r["overridden"],
        )
        for r in found.tables["type_calls"].to_pylist()
    }


FILES: dict[str, str | bytes] = {
    "base.py": BASE,
    "use.py": USE,
    "src/p/__init__.py": "def own() -> int: return 1\nf = own\nown()\n",
    "lib/q.py": "import p\np.f()\n",
    "r.py": "import q\nq.p.f()\n",
    "pyrefly.toml": 'project-includes = ["nothing"]\n',
    "tool": "print(1)\n",
    "[x]*.py": "print(1)\n",
    "broken.py": b"def f(:\n",
    "wide.py": b"\xff\xfe\x00",
    "empty.py": b"",
    "latin.py": "x = 1\n# \u00e4\n".encode("latin-1"),
    "null.py": b"a\0b",
}


@pytest.fixture(scope="module")
def quick_folder() -> Iterator[None]:
    """Let the checker write its report, thousands of files, where that takes no disk."""
    was = tempfile.tempdir
    tempfile.tempdir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else was  # noqa: S108 - a folder of its own is made there
    yield
    tempfile.tempdir = was


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Name the folder of a small repository."""
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def shop(root: Path, quick_folder: None) -> Witnessed:  # noqa: ARG001 - it has to be there first
    """Let the checker read the repository once."""
    return observe(root, FILES, import_roots=("lib",))


def test_calls_have_their_targets(shop: Witnessed) -> None:
    """Methods, operators, properties, builtins and callbacks; those of the build with a place."""
    found = calls(shop)
    expected = {
        ("é.eat()", "call", "call"): ("base.Thing.eat", "eat", True),
        ("é + a", "binary", "call"): ("base.Thing.__add__", "__add__", True),
        ("a.taxed", "property", "getter"): ("use.Apple.taxed", "taxed", True),
        ("print(a.taxed)", "call", "call"): ("builtins.print", None, False),
        ('map(len, "ab")', "call", "callback"): ("builtins.len", None, False),
        ("Apple()", "call", "init"): ("builtins.object.__init__", None, False),
    }
    assert {key: found.get(key) for key in expected} == expected


def test_a_receiver_has_its_class(shop: Witnessed) -> None:
    """Where the name of the class stands is known too."""
    (row,) = [
        r for r in shop.tables["type_calls"].to_pylist()
        if (r["role"], r["receiver"]) == ("init", "use.Apple")
    ]  # fmt: skip
    start = USE.encode().index(b"Apple")
    assert (row["receiver_file"], row["receiver_bstart"], row["receiver_bend"]) == (
        2, start, start + 5,
    )  # fmt: skip


def test_what_is_not_known_is_a_row(shop: Witnessed) -> None:
    """A parameter without an annotation may be anything."""
    rows = shop.tables["type_unresolved"].to_pylist()
    raw = USE.encode()
    assert b"f()" in [raw[r["bstart"] : r["bend"]] for r in rows if r["file_no"] == 2]


def test_expressions_have_types(shop: Witnessed) -> None:
    """As the checker writes them."""
    raw = USE.encode()
    found = {
        (raw[r["bstart"] : r["bend"]].decode(), r["type"])
        for r in shop.tables["type_expressions"].to_pylist()
        if r["file_no"] == 2
    }
    assert {("é", "use.Apple"), ("a.taxed", "int"), ("Apple", "type[use.Apple]")} <= found


def test_the_roots_are_those_of_the_build(shop: Witnessed) -> None:
    """`src` is one, and so is what the settings name; the repository's own settings are not."""
    found = calls(shop)
    assert {found[text, "call", "call"] for text in ("p.f()", "q.p.f()", "own()")} == {
        ("p.own", "own", False)
    }


def test_every_file_that_can_be_read_is(shop: Witnessed) -> None:
    """A name that looks like a pattern is a name; what cannot be read is no error."""
    read = {r["file_no"] for r in shop.tables["type_calls"].to_pylist()}
    assert {list(FILES)[number - 1] for number in read} == {
        "use.py", "src/p/__init__.py", "lib/q.py", "r.py", "[x]*.py",
    }  # fmt: skip


def test_files_of_other_names_are_told(shop: Witnessed) -> None:
    """The checker goes by the suffix."""
    assert [(w["code"], w["facts"]["paths"]) for w in shop.warnings] == [
        ("types-missing", ["pyrefly.toml", "tool"])
    ]


def test_two_readings_are_equal(shop: Witnessed, root: Path) -> None:
    """Whatever the number of its threads does to the order of its report."""
    again = observe(root, FILES, import_roots=("lib",))
    assert all(shop.tables[name].equals(again.tables[name]) for name in shop.tables)


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Put another checker in the place of the real one."""
    folder.mkdir()
    path = folder / "other-checker"
    path.write_text(f"#!{sys.executable}\nimport sys\n{text}")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(types, "PROGRAM", "other-checker")


def test_a_missing_checker_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what installs it."""
    monkeypatch.setattr(types, "PROGRAM", "no-such-checker")
    with pytest.raises(MissingPartError, match=r'pip install "codeanatomy\[types\]"') as error:
        types.key(tmp_path, config.resolve(tmp_path, {}, {}))
    assert error.value.exit_status == 10


@pytest.mark.parametrize("said", ["pyrefly 9.9.9", "1.5.0", ""])
def test_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """Its report would be of another form; the message says which versions are read."""
    program(tmp_path / "bin", monkeypatch, f"print({said!r})\n")
    with pytest.raises(ReportError, match=r"1\.4\.\*") as error:
        types.key(tmp_path, config.resolve(tmp_path, {}, {}))
    assert error.value.code == "types-report"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("sys.exit('it broke')", WitnessError, "exit status 1: it broke"),
        ("import time; time.sleep(60)", WitnessError, "did not end within 1 s"),
        ("pass", ReportError, "pyrefly.pysa.json"),
    ],
    ids=["fails", "hangs", "writes nothing"],
)
def test_a_checker_that_fails_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, error: type[Exception], message: str
) -> None:
    """It says why; it never goes on for ever."""
    version = "if '--version' in sys.argv: print('1.4.7'); sys.exit()\n"
    program(tmp_path / "bin", monkeypatch, version + text)
    with pytest.raises(error, match=message):
        observe(tmp_path / "r", {"a.py": ""}, witness_seconds=1)


def report(folder: Path, **parts: object) -> Report:
    """Write a report of one module `m`, damaged as `parts` say."""
    module = {"module_id": 1, "module_name": "m", "source_path": {"FileSystem": "m.py"},
              "info_filename": "m:1.json"}  # fmt: skip
    whole = {
        "pyrefly.pysa": {"format_version": 1, "modules": {"1": module}},
        "call_graphs/m:1": {"format_version": 1, "call_graphs": {}},
        **parts,
    }
    for name, content in whole.items():
        path = folder / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return Report(folder)


def graph(folder: Path, **parts: object) -> None:
    """Read a report and its calls."""
    found = report(folder, **parts)
    found.graph(found.modules[1])


@pytest.mark.parametrize(
    ("part", "content", "message"),
    [
        ("pyrefly.pysa", "{", "pyrefly.pysa.json"),
        ("pyrefly.pysa", {"format_version": 1}, "missing required field `modules`"),
        ("pyrefly.pysa", {"format_version": 2, "modules": {}}, "has format 2"),
        ("call_graphs/m:1", {"format_version": 2, "call_graphs": {}}, "has format 2"),
        ("call_graphs/m:1", {"format_version": 1, "call_graphs": [1]}, "call_graphs/m:1.json"),
    ],
)
def test_a_report_of_another_form_is_refused(
    tmp_path: Path, part: str, content: object, message: str
) -> None:
    """Cut off, without what is needed, or of another format."""
    with pytest.raises(ReportError, match=message):
        graph(tmp_path, **{part: content})


def test_definitions_that_go_round_end(tmp_path: Path) -> None:
    """A damaged report may say that a class lies in itself."""
    definition = {"name": "C", "parent": {"Class": {"class_id": 0}}}
    parts = {
        "format_version": 1,
        "function_definitions": {},
        "class_definitions": {"0": definition},
    }
    found = report(tmp_path, **{"definitions/m:1": parts})
    meant = found._meant(1, "Class 0")
    assert meant is not None
    assert meant.name.startswith("m.C.C")


@pytest.mark.parametrize("text", ["", "1:2", "1-2", "a:b-c:d", "1:2-3"])
def test_a_place_that_is_none_is_an_error(text: str) -> None:
    """Places are two pairs of numbers."""
    with pytest.raises(ReportError, match="place"):
        place(text)


def test_a_module_that_is_no_file_has_no_path() -> None:
    """Stubs that come with the checker are none of the build."""
    assert Module(1, "m", {"BundledTypeshed": "m.pyi"}).path is None
    assert Module(1, "m", "Memory").path is None
