"""Pages of Markdown are read as written, and a page that is wrong fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from tests.markdown import (
    Expectation,
    PageError,
    RowsDifferError,
    cells,
    compare,
    query,
    read,
    rows_of,
    wrong_interpreter,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = """\
# names

Prose.

## A name (3.12+)

```py path="pkg/a.py"
# not a heading
x = 1
```

`edges` where kind = 'REF'

| kind | n |
|---|--:|
| REF | 1 |

```sql
SELECT 1 AS one
```

| one |
|-----|
| `1` |
"""


def test_a_section_holds_its_files_and_its_tables() -> None:
    """Code with a path is a file, a label or SQL before a table says whose rows it holds."""
    top, prose, case = read(PAGE)
    assert [top.files, prose.files, top.expected, prose.expected] == [{}, {}, [], []]
    assert case.files == {"pkg/a.py": "# not a heading\nx = 1\n"}
    assert case.expected == [
        Expectation(14, "edges", "where kind = 'REF'", ("kind", "n"), (("REF", "1"),)),
        Expectation(22, "", "SELECT 1 AS one", ("one",), (("1",),)),
    ]


def test_a_label_becomes_a_query() -> None:
    """The header of a table is the projection, the rest of the label its condition."""
    _, _, case = read(PAGE)
    assert query(case.expected[0]) == 'SELECT "kind", "n" FROM edges where kind = \'REF\''
    assert query(case.expected[1]) == "SELECT 1 AS one"


def test_evidence_rows_are_projected_and_chosen() -> None:
    """A condition keeps equal rows; null is an empty cell and the empty text is not."""
    table = pa.table({"name": ["a", "b", "b"], "kind": [None, "", "x\ny"]})
    wanted = Expectation(1, "t", "where name = b", ("kind",), ())
    assert rows_of({"t": table}, wanted) == [('""',), ("x\\ny",)]
    assert rows_of({"t": table}, Expectation(1, "t", "", ("kind",), ()))[0] == ("",)


@pytest.mark.parametrize(
    ("rest", "columns"), [("", ("nme",)), ("where nme = b", ("name",)), ("where x > 1", ("name",))]
)
def test_a_wrong_column_or_condition_is_an_error(rest: str, columns: tuple[str, ...]) -> None:
    """A column that does not exist never passes as absent rows."""
    with pytest.raises(PageError):
        rows_of({"t": pa.table({"name": ["a"]})}, Expectation(1, "t", rest, columns, ()))


@pytest.mark.parametrize(
    "text",
    [
        "# a\n\n| x |\n|---|\n",
        "# a\n\n```py\nx = 1\n",
        "# a\n\n`t`\n\n| x |\n| 1 |\n",
        "# a\n\n`t`\n\n| x |\n|---|\n| 1 | 2 |\n",
        "# a\n\n`t`\n\n| x |\n|---|\n| 1 |\nprose",
        "# a\n\n```py\n```\n\n```py\n```\n",
    ],
    ids=["no label", "open block", "no dashes", "wide row", "no empty line", "two sources"],
)
def test_a_malformed_page_is_an_error(text: str) -> None:
    """What is not a test is never taken for one that passes."""
    with pytest.raises(PageError):
        read(text)


def test_a_difference_is_shown_side_by_side() -> None:
    """Rows that differ are marked, equal ones are not."""
    expected = Expectation(7, "t", "", ("a", "b"), (("1", "2"), ("3", "4")))
    with pytest.raises(RowsDifferError) as caught:
        compare(expected, [("1", "2"), ("3", "5"), ("6", "7")])
    assert str(caught.value).splitlines() == [
        "line 7: t differs",
        "  expected   actual",
        "  a | b      a | b",
        "  1 | 2      1 | 2",
        "> 3 | 4      3 | 5",
        ">            6 | 7",
    ]


def test_a_cell_may_hold_a_bar_and_backticks() -> None:
    """A bar is escaped, backticks around a whole cell are dropped, others kept."""
    assert cells(r"| `a \| b` | x `y` |  |") == ("a | b", "x `y`", "")


@pytest.mark.parametrize(
    ("title", "holds"),
    [
        ("plain", [11, 12, 13]),
        ("(3.12+)", [12, 13]),
        ("(3.11)", [11]),
        ("x (3.11-3.12)", [11, 12]),
        ("(3.12+) not at the end", [11, 12, 13]),
    ],
)
def test_a_heading_names_its_interpreters(title: str, holds: Sequence[int]) -> None:
    """A case is skipped on the interpreters its heading leaves out."""
    assert [minor for minor in (11, 12, 13) if not wrong_interpreter(title, (3, minor))] == holds
