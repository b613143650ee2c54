"""The examples run, and print what they should."""

from __future__ import annotations

import subprocess
import sys

import pytest

from codeanatomy.cpg.edges import BY_NAME
from tests.house.source import ROOT

EXAMPLES = ROOT / "examples"

QUICKSTART = f"""\
6 files, 5 classes
shop.models.Book at shop/models.py:23
  says:       A product that is taxed less.
  bases:      shop.models.Product
  subclasses: shop.models.Comic
  members:    isbn, label
  used in:    shop/models.py
  flow:       {BY_NAME["CFG"].absent}
"""
SQL = """\
-- functions with most parameters
qualified_name           parameters
-----------------------  ----------
shop.checkout.pay                 6
shop.cart.Cart.add                3
shop.cart.Cart.__init__           1

-- variables that several definitions write
qualified_name         writers  times
---------------------  -------  -----
shop.pricing.DISCOUNT        2      2

-- names read most
kind       qualified_name              reads
---------  --------------------------  -----
builtin    builtins.int                    8
builtin    builtins.str                    8
parameter  shop.cart.Cart.add.product      2

"""
CALLERS = """\
calls with_tax: found, 0 unresolved sites could add to it
  shop/models.py:20  shop.models.Product.price, by attribute
may break: found, 0 unresolved sites could add to it
  shop.models.Product.price, call of shop.pricing.with_tax
    shop.cart.Cart.total, call of shop.models.Product.price
      shop.checkout.pay, call of shop.cart.Cart.total
"""
IMPORTS = """\
shop <- shop.cart, shop.models
shop.cart <- shop.models, shop.pricing
shop.checkout <- shop, shop.cart, shop.pricing
shop.models <- shop, shop.pricing
shop.pricing <- shop.models, shop.rates
shop.rates <- nothing inside

name             status            distribution
---------------  ----------------  ------------
requests         resolved          requests
__future__       standard_library
collections.abc  standard_library
contextlib       standard_library
dataclasses      standard_library
functools        standard_library
json             standard_library
re               standard_library
typing           standard_library

module  name     reason   path
------  -------  -------  ----------------
shop    gateway  no_name  shop/checkout.py
"""


def printed(*words: str) -> str:
    """Run an example as a person does; it must succeed."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=EXAMPLES,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["cpg_quickstart.py", "shop", "Book"], QUICKSTART),
        (["cpg_sql.py", "shop"], SQL),
        (["cpg_callers.py"], CALLERS),
        (["cpg_imports.py"], IMPORTS),
    ],
    ids=["quickstart", "sql", "callers", "imports"],
)
def test_an_example_prints_what_is_so(words: list[str], expected: str) -> None:
    """On the small shop, row by row."""
    assert printed(*words) == expected


def test_an_example_runs_on_our_own_kernel() -> None:
    """By default it reads this package's kernel, and finds a class there."""
    lines = printed("cpg_quickstart.py").splitlines()
    assert lines[1].startswith("kernel.schema.Column at schema.py:")
    assert lines[5] == "  members:    name, type, meaning, nullable, sem"


def test_every_example_is_tested() -> None:
    """An example that nobody runs is not an example."""
    tested = {"cpg_quickstart.py", "cpg_sql.py", "cpg_callers.py", "cpg_imports.py"}
    assert {path.name for path in EXAMPLES.glob("*.py")} == tested
