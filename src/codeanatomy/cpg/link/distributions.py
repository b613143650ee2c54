"""Which distribution a repository says it takes a module from; nothing of it is run or fetched."""

from __future__ import annotations

import re
import tomllib
from configparser import ConfigParser
from configparser import Error as ConfigError
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

# Distributions whose modules have another name than they, by normalised name.
MODULES = {
    "antlr4-python3-runtime": ("antlr4",),
    "attrs": ("attr", "attrs"),
    "beautifulsoup4": ("bs4",),
    "biopython": ("Bio",),
    "djangorestframework": ("rest_framework",),
    "faiss-cpu": ("faiss",),
    "faiss-gpu": ("faiss",),
    "fonttools": ("fontTools",),
    "gitpython": ("git",),
    "google-api-python-client": ("googleapiclient",),
    "google-cloud-bigquery": ("google.cloud.bigquery",),
    "google-cloud-storage": ("google.cloud.storage",),
    "grpcio": ("grpc",),
    "msgpack-python": ("msgpack",),
    "mysql-connector-python": ("mysql.connector",),
    "mysqlclient": ("MySQLdb",),
    "opencv-contrib-python": ("cv2",),
    "opencv-python": ("cv2",),
    "opencv-python-headless": ("cv2",),
    "pillow": ("PIL",),
    "protobuf": ("google.protobuf",),
    "psycopg2-binary": ("psycopg2",),
    "pycrypto": ("Crypto",),
    "pycryptodome": ("Crypto",),
    "pygobject": ("gi",),
    "pyjwt": ("jwt",),
    "pynacl": ("nacl",),
    "pyopenssl": ("OpenSSL",),
    "pyserial": ("serial",),
    "pytest": ("pytest", "_pytest"),
    "python-dateutil": ("dateutil",),
    "python-docx": ("docx",),
    "python-dotenv": ("dotenv",),
    "python-jose": ("jose",),
    "python-magic": ("magic",),
    "python-multipart": ("multipart", "python_multipart"),
    "python-slugify": ("slugify",),
    "pywin32": ("pythoncom", "pywintypes", "win32api", "win32con", "win32file"),
    "pyyaml": ("yaml",),
    "pyzmq": ("zmq",),
    "ruamel-yaml": ("ruamel.yaml",),
    "scikit-image": ("skimage",),
    "scikit-learn": ("sklearn",),
    "setuptools": ("setuptools", "pkg_resources"),
    "websocket-client": ("websocket",),
}

_REQUIREMENT = re.compile(
    r"^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)$"
)
_EXACT = re.compile(r"^\(?\s*={2,3}\s*([^\s,;*)]+)\s*\)?\s*(?:;.*)?$")

Found = dict[str, tuple[str, str | None]]


def declared(root: Path) -> Found:
    """Return, for each module that a declared dependency is known to hold, (name, exact version).

    Read are `pyproject.toml` (dependencies, optional ones, groups, what the build needs, Poetry's
    tables), `setup.cfg` and `requirements*.txt` in the root and its `requirements` folder. Files
    that cannot be read as what they should be say nothing. The first exact version wins.
    """
    found: Found = {}
    for name, rest in _requirements(root):
        normal = re.sub(r"[-_.]+", "-", name).lower()
        exact = _EXACT.match(rest.strip())
        version = exact[1] if exact else None
        for module in MODULES.get(normal, (name.replace("-", "_"), normal.replace("-", "_"))):
            if module not in found or (version and found[module] == (normal, None)):
                found[module] = (normal, version)
    return dict(sorted(found.items()))


def _requirements(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the rest of every requirement, in order of the files' rank."""
    project = _toml(root / "pyproject.toml")
    for text in [*_project(project), *_setup(root / "setup.cfg"), *_listed(root)]:
        match = _REQUIREMENT.match(text.strip())
        if match:
            yield match[1], match[2]
    yield from _poetry(project)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):  # absent, or not ours to judge
        return {}


def _project(declared: Mapping[str, Any]) -> Iterator[str]:
    project = _table(declared.get("project"))
    yield from _texts(project.get("dependencies"))
    for group in _table(project.get("optional-dependencies")).values():
        yield from _texts(group)
    for group in _table(declared.get("dependency-groups")).values():
        yield from _texts(group)
    yield from _texts(_table(declared.get("build-system")).get("requires"))


def _poetry(declared: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield Poetry's requirements: there a bare version means a compatible one."""
    poetry = _table(_table(declared.get("tool")).get("poetry"))
    groups = [_table(group) for group in _table(poetry.get("group")).values()]
    tables = [poetry.get("dependencies"), poetry.get("dev-dependencies")]
    for table in [*tables, *(group.get("dependencies") for group in groups)]:
        for name, wanted in _table(table).items():
            rest = wanted.get("version", "") if isinstance(wanted, dict) else wanted
            if name != "python":
                yield name, rest if isinstance(rest, str) else ""


def _setup(path: Path) -> Iterator[str]:
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(path.read_text("utf-8"))
    except (OSError, ValueError, ConfigError):  # absent, or not ours to judge
        return
    if parser.has_section("options"):
        for key in ("install_requires", "setup_requires", "tests_require"):
            yield from _lines(parser.get("options", key, fallback=""))
    if parser.has_section("options.extras_require"):
        for text in dict(parser.items("options.extras_require")).values():
            yield from _lines(text)


def _listed(root: Path) -> Iterator[str]:
    for path in [*sorted(root.glob("requirements*.txt")), *sorted(root.glob("requirements/*.txt"))]:
        try:
            yield from _lines(path.read_text("utf-8"))
        except (OSError, ValueError):  # unreadable, or not text
            continue


def _lines(text: str) -> Iterator[str]:
    """Yield requirements, one a line, without comments, options and addresses."""
    for line in text.splitlines():
        wanted = line.partition(" #")[0].strip().rstrip("\\").strip()
        if wanted and not wanted.startswith(("#", "-", ".", "/")) and "://" not in wanted[:12]:
            yield wanted.partition(" --")[0]


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> Iterable[str]:
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []
