"""Where modules outside the store are found, and what a version of them is told apart by."""

from __future__ import annotations

import shutil
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cpg.outside.environment import NoEnvironmentError
from codeanatomy.cpg.outside.outside import Outside
from tests.builds import write

if TYPE_CHECKING:
    from codeanatomy.cpg.outside.outside import Found

VERSION = (3, 11)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Make a prefix with a folder of packages for one version."""
    folder = tmp_path / "env" / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True)
    return folder


def outside(site: Path) -> Outside:
    """Look into the prefix that a folder of packages belongs to."""
    return Outside(site.parents[2], VERSION)


def found(where: Outside, module: str) -> Found:
    """Find a module that is there."""
    result = where.find(module)
    assert result is not None
    return result


def at(where: Outside, module: str) -> str | None:
    """Return a module's file below its root; empty for a namespace package."""
    result = where.find(module)
    if result is None:
        return None
    return result.path.relative_to(result.root).as_posix() if result.path else ""


@pytest.mark.parametrize(
    ("module", "path", "package"),
    [
        ("builtins", "builtins.pyi", False),
        ("os", "os/__init__.pyi", True),
        ("os.path", "os/path.pyi", False),
        ("concurrent.futures.thread", "concurrent/futures/thread.pyi", False),
    ],
)
def test_the_library_is_typeshed(module: str, path: str, package: bool) -> None:  # noqa: FBT001 - a column of the table above
    """Stubs of the standard library, without any environment."""
    result = found(Outside(None, VERSION), module)
    assert (at(Outside(None, VERSION), module), result.is_package) == (path, package)
    assert (result.origin, result.is_stub, result.is_typed) == ("library", True, True)
    assert b"def " in found(Outside(None, VERSION), "builtins").read()


@pytest.mark.parametrize(
    ("module", "versions"),
    [
        ("tomllib", {11, 12, 13, 14}),
        ("asynchat", {11}),
        ("distutils.core", {11}),
        ("cgi", {11, 12}),
        ("asyncio.graph", {14}),
        ("dbm.sqlite3", {13, 14}),
        ("compression.zstd", {14}),
        ("os.nothing", set()),
        ("stubs", set()),
    ],
)
def test_a_version_has_the_modules_it_has(module: str, versions: set[int]) -> None:
    """As itself is listed in `VERSIONS`, else as its package is."""
    assert {v for v in range(11, 15) if Outside(None, (3, v)).find(module)} == versions


def test_submodules_are_those_of_the_version() -> None:
    """A module of a later version is not named."""
    assert "timeouts" in Outside(None, (3, 11)).submodules("asyncio")
    assert "graph" not in Outside(None, (3, 11)).submodules("asyncio")
    assert "graph" in Outside(None, (3, 14)).submodules("asyncio")
    assert Outside(None, VERSION).submodules("concurrent.futures") == ("_base", "process", "thread")
    assert Outside(None, VERSION).submodules("tomllib") == ()
    assert Outside(None, VERSION).submodules("nowhere") == ()


def test_every_module_of_this_interpreter_with_a_stub_is_found() -> None:
    """The names that the interpreter itself lists: two demonstrations have no stub."""
    here = Outside(None, sys.version_info[:2])
    public = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    missing = {name for name in public if here.find(name) is None}
    assert missing <= {"idlelib", "turtledemo"}


def test_a_package_comes_before_a_module_and_a_stub_before_a_source(site: Path) -> None:
    """As Python's import system and PEP 561 say."""
    write(site, {
        "a/__init__.py": "", "a/m.py": "", "a/m.pyi": "", "a.py": "", "b.py": "", "c.pyi": "",
    })  # fmt: skip
    where = outside(site)
    assert [at(where, m) for m in ("a", "a.m", "b", "b.x", "c", "d", "a.n")] == [
        "a/__init__.py", "a/m.pyi", "b.py", None, "c.pyi", None, None,
    ]  # fmt: skip
    assert where.submodules("a") == ("m",)


def test_the_library_hides_what_is_installed(site: Path) -> None:
    """A backport is not what an import gives; what the version lacks is taken from there."""
    write(site, {"dataclasses.py": "", "imp.py": "", "os/extra.py": ""})
    assert found(outside(site), "dataclasses").origin == "library"
    assert found(Outside(site.parents[2], (3, 12)), "imp").origin == "environment"
    assert outside(site).find("os.extra") is None


def test_a_stub_package_comes_first_and_the_package_fills_it(site: Path) -> None:
    """`foo-stubs` answers for `foo`; a module that it lacks has a source still."""
    write(site, {
        "foo/__init__.py": "", "foo/bar.py": "", "foo/baz.py": "",
        "foo-stubs/__init__.pyi": "", "foo-stubs/bar.pyi": "", "foo-stubs/py.typed": "partial\n",
    })  # fmt: skip
    where = outside(site)
    assert [at(where, m) for m in ("foo", "foo.bar", "foo.baz")] == [
        "foo-stubs/__init__.pyi", "foo-stubs/bar.pyi", "foo/baz.py",
    ]  # fmt: skip
    assert [found(where, m).is_typed for m in ("foo.bar", "foo.baz")] == [True, False]
    assert where.submodules("foo") == ("bar", "baz")
    assert where.find("foo-stubs") is None


def test_stubs_of_a_namespace_have_no_init(site: Path) -> None:
    """The stubs of one package of a namespace do not hide the others."""
    write(site, {
        "ns/one/__init__.py": "", "ns/two/__init__.py": "", "ns-stubs/one/__init__.pyi": "",
    })  # fmt: skip
    where = outside(site)
    assert [at(where, m) for m in ("ns", "ns.one", "ns.two")] == [
        "", "ns-stubs/one/__init__.pyi", "ns/two/__init__.py",
    ]  # fmt: skip
    assert where.submodules("ns") == ("one", "two")


def test_py_typed_marks_a_package_and_all_below(site: Path) -> None:
    """Where it stands: a namespace has none of its own."""
    write(site, {
        "t/__init__.py": "", "t/py.typed": "", "t/in/deep.py": "", "u/__init__.py": "",
        "ns/t/__init__.py": "", "ns/t/py.typed": "", "ns/u/__init__.py": "",
    })  # fmt: skip
    where = outside(site)
    typed = {m: found(where, m).is_typed for m in ("t", "t.in.deep", "u", "ns.t", "ns.u")}
    assert typed == {"t": True, "t.in.deep": True, "u": False, "ns.t": True, "ns.u": False}


def test_a_namespace_lies_in_several_folders(site: Path, tmp_path: Path) -> None:
    """Its portions are one package; a portion with `__init__` anywhere is the whole of it."""
    write(site, {"ns/one.py": "", "whole/x.py": "", "more.pth": f"{tmp_path / 'more'}\n"})
    write(tmp_path / "more", {"ns/two.py": "", "whole/__init__.py": ""})
    where = outside(site)
    assert found(where, "ns") == found(where, "ns")._replace(path=None, is_package=True)
    assert found(where, "ns").read() == b""
    assert where.submodules("ns") == ("one", "two")
    assert found(where, "ns.two").root == tmp_path / "more"
    assert [at(where, m) for m in ("whole", "whole.x")] == ["whole/__init__.py", None]


def test_plain_lines_of_pth_files_are_folders(site: Path, tmp_path: Path) -> None:
    """Lines that Python would run, comments and folders that are not there are left out."""
    lines = f"# {tmp_path}/c\nimport os; os.abort()\n{tmp_path}/src\nbeside\n{tmp_path}/none\n"
    write(site, {"b.pth": "\ufeff" + lines, "beside/m.py": "", "m.py": ""})
    write(tmp_path, {"src/p.py": "", "c/q.py": ""})
    where = outside(site)
    assert [at(where, m) for m in ("m", "p", "q")] == ["m.py", "p.py", None]
    assert found(where, "p").root == tmp_path / "src"


def test_a_distribution_owns_what_it_recorded(site: Path) -> None:
    """By its record, where two share a folder by the very file, and by its `.pth` file."""
    src = site.parent / "src"
    write(site, {
        "ns/a.py": "", "ns/b.py": "", "solo.py": "", "old.py": "", "loose.py": "",
        "A_b-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: A.b\nVersion: 1.0\n\nName: no",
        "A_b-1.0.dist-info/RECORD": 'ns/a.py,sha256=x,1\n"solo.py",,\n../../bin/a,,\n',
        "b-2.dist-info/METADATA": "Name: b\nVersion: 2\n",
        "b-2.dist-info/RECORD": "ns/b.py,,\n",
        "c-3.egg-info/PKG-INFO": "Name: c\nVersion: 3\n",
        "c-3.egg-info/top_level.txt": "old\n",
        "e-4.dist-info/METADATA": "Name: e\nVersion: 4\n",
        "e-4.dist-info/RECORD": "__editable__.e-4.pth,,\n",
        "__editable__.e-4.pth": f"{src}\n",
    })  # fmt: skip
    write(src, {"edited/__init__.py": ""})
    where = outside(site)
    owners = {m: (found(where, m).distribution, found(where, m).version)
              for m in ("ns.a", "ns.b", "solo", "old", "edited", "loose", "ns")}  # fmt: skip
    assert owners == {
        "ns.a": ("A.b", "1.0"), "ns.b": ("b", "2"), "solo": ("A.b", "1.0"), "old": ("c", "3"),
        "edited": ("e", "4"), "loose": (None, None), "ns": (None, None),
    }  # fmt: skip


def test_a_prefix_prefers_the_version_asked_for(tmp_path: Path) -> None:
    """Where it has none of that, it is the newest, not the one whose name sorts last."""
    for version in ("3.9", "3.10", "3.11"):
        write(tmp_path / "lib" / f"python{version}" / "site-packages", {"v.py": version})
    seen = [found(Outside(tmp_path, (3, v)), "v").read() for v in (9, 10, 13)]
    assert seen == [b"3.9", b"3.10", b"3.11"]


def test_an_interpreter_belongs_to_its_prefix(tmp_path: Path) -> None:
    """By the link that names it or by what it leads to; its own version comes first."""
    real = write(tmp_path / "real", {
        "bin/python3.10": "", "lib/python3.10/site-packages/v.py": "10",
        "lib/python3.11/site-packages/v.py": "11",
    })  # fmt: skip
    (real / "bin" / "python3").symlink_to("python3.10")
    (tmp_path / "python").symlink_to(real / "bin" / "python3")
    for name in (real / "bin" / "python3.10", real / "bin" / "python3", tmp_path / "python"):
        assert found(Outside(name, (3, 11)), "v").read() == b"10"


def test_debian_has_folders_of_its_own(tmp_path: Path) -> None:
    """What an administrator installed comes before what the system did."""
    write(tmp_path, {
        "local/lib/python3.11/dist-packages/a.py": "local", "lib/python3/dist-packages/a.py": "",
        "lib/python3/dist-packages/b.py": "system", "lib/python3.11/os.py": "",
    })  # fmt: skip
    where = Outside(tmp_path, VERSION)
    assert [found(where, m).read() for m in ("a", "b")] == [b"local", b"system"]


def test_windows_has_one_folder(tmp_path: Path) -> None:
    """`Lib`, without a version."""
    write(tmp_path, {"Lib/site-packages/a.py": "", "python.exe": ""})
    assert at(Outside(tmp_path, VERSION), "a") == "a.py"
    assert at(Outside(tmp_path / "python.exe", VERSION), "a") == "a.py"


def test_a_folder_of_packages_is_itself_an_environment(site: Path) -> None:
    """Packages that were put somewhere with `pip install --target` have their folder renamed so."""
    write(site, {"a.py": ""})
    assert at(Outside(site, VERSION), "a") == "a.py"


@pytest.mark.parametrize(("said", "seen"), [("true", b"base"), ("false", None)])
def test_an_environment_may_include_its_base(
    tmp_path: Path, site: Path, said: str, seen: bytes | None
) -> None:
    """Its own packages come first; its base's only where it says so."""
    base = tmp_path / "base" / "lib" / "python3.11" / "site-packages"
    write(base, {"both.py": "base", "only.py": "base"})
    write(site, {"both.py": "own"})
    home = f"home = {tmp_path / 'base' / 'bin'}\nInclude-System-Site-Packages = {said}\n"
    write(site.parents[2], {"pyvenv.cfg": f"{home}version_info = 3.11.7.final.0\n"})
    where = outside(site)
    assert found(where, "both").read() == b"own"
    only = where.find("only")
    assert (only.read() if only else None) == seen


def test_a_second_name_of_a_folder_is_the_same_folder(site: Path) -> None:
    """`lib64` is often a link to `lib`."""
    (site.parents[2] / "lib64").symlink_to("lib")
    write(site, {"a.py": ""})
    assert found(outside(site), "a").root == site


@pytest.mark.parametrize("python", ["none", "empty", "empty/file", "a\0b"])
def test_what_is_no_environment_is_refused(tmp_path: Path, python: str) -> None:
    """It is told what would have been one."""
    write(tmp_path, {"empty/file": ""})
    with pytest.raises(NoEnvironmentError, match=r"pyvenv|virtual environment") as error:
        Outside(tmp_path / python, VERSION)
    assert (error.value.exit_status, error.value.code) == (2, "no-environment")
    assert error.value.facts["python"] == str(tmp_path / python)


@pytest.mark.parametrize(
    "module", ["", ".", "a.", ".a", "a..b", "../a", "a/b", "a b", "é.\0", "a." * 5000 + "a"]
)
def test_what_is_no_module_name_is_not_found(site: Path, module: str) -> None:
    """No path comes from it."""
    write(site, {"a.py": ""})
    assert outside(site).find(module) is None


def test_names_are_exact_whatever_the_file_system(site: Path) -> None:
    """And a folder called like a file is none."""
    write(site, {"Queue.py": "", "d.py/x.py": "", "e/__init__.py/x.py": ""})
    where = outside(site)
    assert [at(where, m) for m in ("queues", "queue_", "Queue", "QUEUE", "d", "e")] == [
        None, None, "Queue.py", None, None, "",
    ]  # fmt: skip


def test_an_upgrade_changes_the_fingerprint(site: Path) -> None:
    """A source, a version, a stub package or a module that was missing; and nothing else."""
    write(site, {
        "foo/__init__.py": "x = 1\n", "foo-1.dist-info/METADATA": "Name: foo\nVersion: 1\n",
        "foo-1.dist-info/RECORD": "foo/__init__.py,,\n",
    })  # fmt: skip
    where = outside(site)
    assert where.find("foo") is not None
    assert (where.find("gone"), where.submodules("foo")) == (None, ())
    assert where.asked == ("foo", "foo.*", "gone")
    seen = [where.fingerprint(where.asked)]
    assert where.asked == ("foo", "foo.*", "gone")
    changes = {
        "foo/__init__.py": "x = 2\n",
        "foo-1.dist-info/METADATA": "Name: foo\nVersion: 1.1\n",
        "foo-stubs/__init__.pyi": "x: int\n",
        "foo/more.py": "",
        "gone.py": "",
    }
    for name, text in changes.items():
        write(site, {name: text})
        again = outside(site).fingerprint(where.asked)
        assert again not in seen, name
        seen.append(again)
    write(site, {"unasked.py": ""})
    assert outside(site).fingerprint(where.asked) == seen[-1]


def test_a_fingerprint_does_not_depend_on_the_place(site: Path, tmp_path: Path) -> None:
    """The same packages elsewhere are the same."""
    write(site, {"foo/__init__.py": "", "ns/a.py": ""})
    copy = tmp_path / "copy"
    shutil.copytree(site.parents[2], copy)
    asked = ("foo", "ns", "ns.a", "ns.*", "os", "nowhere")
    assert outside(site).fingerprint(asked) == Outside(copy, VERSION).fingerprint(asked)


def test_a_real_environment_is_read_and_not_run(tmp_path: Path) -> None:
    """Made by `venv`, with a package installed by hand: by its folder and by its interpreter."""
    venv.create(tmp_path / "env", with_pip=False)
    (folder,) = (tmp_path / "env").glob("[lL]ib/**/site-packages")
    write(folder, {"evil/__init__.py": "raise SystemExit\n", "evil.pth": "import evil\n"})
    for python in (tmp_path / "env", tmp_path / "env" / "bin" / "python"):
        where = Outside(python, sys.version_info[:2])
        assert found(where, "evil").root == folder
        assert where.find("pytest") is None
    assert "evil" not in sys.modules


def test_this_environment_knows_its_distributions() -> None:
    """Packages that the tests themselves need."""
    where = Outside(Path(sys.prefix), sys.version_info[:2])
    assert found(where, "pytest").distribution == "pytest"
    assert found(where, "_pytest.fixtures").distribution == "pytest"
    assert found(where, "typeshed_client").version == "2.14.0"
