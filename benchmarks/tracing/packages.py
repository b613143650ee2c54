"""The packages whose suites are traced: versions, what their tests need, and which of them run.

Every source distribution holds its tests, and they run without a network. `without` leaves out
what needs minutes under a profiler; the file `constraints.txt` pins what they need.
"""

from __future__ import annotations

from typing import NamedTuple


class Package(NamedTuple):
    """One package; `root` is what `PYTHONPATH` gets, `tests` the folders of its tests."""

    name: str
    version: str
    style: str
    root: str
    code: str
    tests: tuple[str, ...]
    needs: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    pytest: str = "9.2.0"

    @property
    def folder(self) -> str:
        """The name of the unpacked folder."""
        return f"{self.name}-{self.version}"


FEW = ("-p", "few_examples", "--hypothesis-profile=few")
# fmt: off
PACKAGES = (
    Package("flask", "3.1.3", "web", "src", "src/flask", ("tests",),
            ("asgiref", "python-dotenv"), pytest="8.4.2"),
    Package("werkzeug", "3.1.9", "web", "src", "src/werkzeug", ("tests",),
            ("cffi", "cryptography", "ephemeral-port-reserve", "pytest-timeout", "watchdog"),
            without=("tests/test_serving.py",)),
    Package("sqlparse", "0.6.1", "parsing", ".", "sqlparse", ("tests",)),
    Package("lark", "1.3.1", "parsing", ".", "lark", ("tests",), ("regex", "js2py"),
            arguments=("tests/__main__.py", "-o", "python_files=__main__.py")),
    Package("mistune", "3.4.0", "parsing", "src", "src/mistune", ("tests",)),
    Package("mpmath", "1.4.1", "numeric", ".", "mpmath", ("mpmath/tests",), ("hypothesis",
            "pytest-timeout"), arguments=(*(f"mpmath/tests/test_{name}.py" for name in (
                "basic_ops", "bitwise", "convert", "diff", "division", "eigen", "identify",
                "interval", "linalg", "matrices", "ode", "power", "rootfinding", "special",
                "trig")), "-m", "not slow", *FEW)),
    Package("anyio", "4.16.0", "async", "src", "src/anyio", ("tests",),
            ("blockbuster", "hypothesis", "psutil", "pytest-mock", "pytest-timeout", "trustme",
             "truststore", "trio"),
            without=("tests/test_sockets.py", "tests/test_to_process.py"),
            arguments=("tests", *FEW)),
    Package("h11", "0.16.0", "async", ".", "h11", ("h11/tests",)),
    Package("pluggy", "1.7.0", "plugins", "src", "src/pluggy", ("testing",)),
    Package("marshmallow", "4.4.0", "metaclasses", "src", "src/marshmallow", ("tests",),
            ("simplejson",)),
    Package("wtforms", "3.3.2", "metaclasses", "src", "src/wtforms", ("tests",),
            ("babel", "email-validator")),
    Package("attrs", "26.1.0", "classes made by decorators", "src", "src/attr", ("tests",),
            ("hypothesis", "cloudpickle", "zope-interface"), arguments=("tests", *FEW)),
    Package("click", "8.5.1", "decorators", "src", "src/click", ("tests",),
            arguments=("tests", "-m", "not stress")),
    Package("cattrs", "26.2.1", "dataclasses", "src", "src/cattrs", ("tests",),
            ("hypothesis", "immutables", "pytest-benchmark", "pytest-xdist", "coverage"),
            without=("tests/preconf", "tests/test_preconf.py", "tests/test_disambiguators.py"),
            arguments=("tests", *FEW)),
    Package("jinja2", "3.1.6", "templates", "src", "src/jinja2", ("tests",), ("trio",)),
    Package("toolz", "1.2.0", "functional", ".", "toolz", ("toolz/tests",)),
    Package("requests", "2.34.2", "web client", "src", "src/requests", ("tests",),
            ("pytest-httpbin", "pytest-mock", "trustme", "pysocks")),
)
# fmt: on
BY_NAME = {package.name: package for package in PACKAGES}
