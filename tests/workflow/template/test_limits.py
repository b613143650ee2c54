"""A template cannot grow or go on without end, whichever way it tries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from codeanatomy.workflow.template.environment import Templates
from codeanatomy.workflow.template.errors import TemplateError, TemplateLimitError

HUGE: dict[str, Any] = {"state": {"n": 10**9, "d": Decimal("1E+999999999"), "s": "ab", "l": [1]}}

TWICE = (  # lists of one list twice, sixty levels deep
    "{% set ns = namespace(a=[1], b=[1]) %}{% for i in range(60) %}"
    "{% set ns.a = [ns.a, ns.a] | list %}{% set ns.b = [ns.b, ns.b] | list %}{% endfor %}"
)
COMPARED = [
    "ns.a == ns.b",
    "ns.a in [ns.b]",
    "ns.a < ns.b",
    "[ns.a, ns.b] | sort | length",
    "[ns.a, ns.b] | max | length",
    "[ns.a] | select('==', ns.b) | list | length",
    "ns.a is eq ns.b",
]
BOMBS = [
    "{{ 'a' * 10 ** 9 }}",
    "{{ 10 ** 9 * 'a' }}",
    "{{ state.s * state.n }}",
    "{{ state.l * state.n }}",
    "{{ 10 ** (10 ** 6) }}",
    "{{ 7 ** state.n }}",
    "{{ range(10 ** 6) | list }}",
    "{{ range(10 ** 30) | list }}",
    "{{ 'a' | center(10 ** 9) }}",
    "{{ 'a'.center(10 ** 9) }}",
    "{{ 'a'.ljust(10 ** 9) }}",
    "{{ 'a'.zfill(10 ** 9) }}",
    "{{ '\t'.expandtabs(10 ** 9) }}",
    "{{ '\t'.expandtabs(tabsize=10 ** 9) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%*d' % (1000000000, 1) }}",
    "{{ '%.1000000000f' % 1.5 }}",
    "{{ '%1000000000d' | format(1) }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ '{:{w}}'.format(1, w=1000000000) }}",
    "{{ '{:.1000000000f}'.format(1.5) }}",
    "{{ 'a' | indent(10 ** 9, true) }}",
    "{{ ('a' * 10000).replace('a', 'b' * 10000) }}",
    "{{ ('a' * 10000) | replace('', 'b' * 10000) }}",
    "{{ ('b' * 10000).join(['x'] * 10000) }}",
    "{{ range(10000) | join('b' * 10000) }}",
    "{{ [1] | batch(10 ** 9, 'x') | list }}",
    "{{ [1] | slice(10 ** 9, 'x') | list }}",
    "{{ 1.5 | round(10 ** 9, 'ceil') }}",
    "{{ state.d | int }}",
    "{{ ([[1] * 100000] * 1000) | sum(start=[]) }}",
    "{{ {'a': 1} | tojson(indent=10 ** 9) }}",
    (
        "{% set ns = namespace(a='xxxx') %}{% for i in range(60) %}"
        "{% set ns.a = ns.a ~ ns.a %}{% endfor %}"
    ),
    (
        "{% set ns = namespace(a='xxxx') %}{% for i in range(60) %}"
        "{% set ns.a = ns.a + ns.a %}{% endfor %}"
    ),
    (
        "{% set ns = namespace(a=[1]) %}{% for i in range(60) %}"
        "{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}"
    ),
    (
        "{% set ns = namespace(a=[1]) %}{% for i in range(60) %}"
        "{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a | tojson }}"
    ),
    "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
    "{% for a in range(100000) %}{% for b in range(100) %}"
    + "x" * 100
    + "{% endfor %}{% endfor %}",
    "{% macro f(x) %}{{ x }}{{ x }}{% endmacro %}{{ " + "f(" * 40 + "'abc'" + ")" * 40 + " }}",
    "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{% set a %}xxxxxxxxxx{% endset %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 40,
    "{{ " + "(" * 100_000 + "1" + ")" * 100_000 + " }}",
    "{{ 'a" + "b" * 1_000_000 + "' ~ 1 }}",
]


@pytest.mark.parametrize("text", BOMBS, ids=range(len(BOMBS)))
def test_a_bomb_is_an_error(text: str) -> None:
    """The error comes before the memory is used or the time is spent."""
    with pytest.raises(TemplateError) as caught:
        Templates().render(text, HUGE)
    assert isinstance(caught.value, TemplateLimitError) or "not allowed" in str(caught.value)


def test_nesting_that_python_cannot_compile_is_an_error() -> None:
    """Blocks nested deeper than Python's own limit are refused with a name."""
    text = "{% for a in [1] %}" * 30 + "x" + "{% endfor %}" * 30
    with pytest.raises(TemplateError, match="Template error: too many statically nested blocks"):
        Templates().render(text, HUGE)


def test_values_nested_without_end_are_an_error() -> None:
    """Parameters that hold themselves do not send rendering in circles."""
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(TemplateLimitError):
        Templates().render({"a": loop}, {})


def test_each_rendering_has_a_budget_of_its_own() -> None:
    """What one rendering spends is not missing in the next."""
    templates = Templates()
    text = "{% for a in range(50000) %}{% for b in range(8) %}{% endfor %}{% endfor %}."
    assert [templates.render(text, {}) for _ in range(2)] == [".", "."]


def test_compiled_texts_are_bounded_in_number() -> None:
    """An engine that renders ever new texts does not keep them all."""
    templates = Templates()
    for number in range(5000):
        assert templates.render("{{ state.n }}" + " " * number, {"state": {"n": 1}}) == 1
    assert len(templates._values) <= 4096
    long = "x" * 30_000 + "{{ state.n }}"
    assert templates.render(long, {"state": {"n": 1}}).endswith("x1")
    assert long not in templates._values
