"""Programs made by chance are run: whatever a run sees, the steps of `values` must allow."""

from __future__ import annotations

import random
from contextlib import nullcontext, suppress
from textwrap import indent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cpg.extract.steps import Steps

NAMES = "abc"
TURNS = 40  # tests that a run may ask before all are false


class Made:
    """A program under construction: constants and probes are numbered as they are written."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.constants = 100
        self.probes = 0
        self.functions = 0

    def block(self, depth: int, *, loop: bool, inside: bool) -> str:
        """Write some statements."""
        count = self.chance.randint(1, 4)
        return "\n".join(self.statement(depth, loop=loop, inside=inside) for _ in range(count))

    def statement(self, depth: int, *, loop: bool, inside: bool) -> str:
        """Write a statement; only shallow ones hold others."""
        simple = [self._assign, self._assign, self._probe, self._probe, self._swap, self._copy,
                  self._walrus, self._fail, self._delete, self._comprehension]  # fmt: skip
        leave = ["continue", "break"] * loop + ["return"] * inside
        if leave and self.chance.random() < 0.08:
            return self.chance.choice(leave)
        if depth and self.chance.random() < 0.5:
            shape = self.chance.choice((self._if, self._while, self._for, self._try, self._with,
                                        self._define, self._match))  # fmt: skip
            return shape(depth - 1, loop=loop, inside=inside)
        return self.chance.choice(simple)()

    def name(self) -> str:
        """Choose a variable."""
        return self.chance.choice(NAMES)

    def constant(self) -> str:
        """Write a value that no other place of the program has, or None."""
        if self.chance.random() < 0.15:
            return "None"
        self.constants += 1
        return str(self.constants)

    def test(self) -> str:
        """Write a test that may narrow or bind."""
        name = self.name()
        return self.chance.choice((
            "choose()", "choose()", f"{name} is None", f"not {name}", f"{name} and choose()",
            f"{name} is not None or choose()", f"({name} := {self.constant()}) and choose()",
            f"choose() and ({name} := {self.constant()})",
            f"choose() or ({name} := {self.constant()}) or choose()",
            f"isinstance({name}, int) and choose()", f"not (choose() and {name})",
        ))  # fmt: skip

    def _assign(self) -> str:
        return f"{self.name()} = {self.constant()}"

    def _copy(self) -> str:
        a, b, c = self.name(), self.name(), self.name()
        return self.chance.choice((
            f"{a} = {b}", f"{a} = {b} or {c}", f"{a} = {b} if {self.test()} else {c}",
            f"{a} = {b} and {c}", f"{a}: int = {b}", f"{a} = {b} = {self.constant()}",
        ))  # fmt: skip

    def _swap(self) -> str:
        a, b = self.name(), self.name()
        return f"{a}, {b} = {b}, {self.constant()}"

    def _walrus(self) -> str:
        return f"({self.name()} := {self.constant()})"

    def _fail(self) -> str:
        return "fail()"

    def _delete(self) -> str:
        return f"del {self.name()}" if self.chance.random() < 0.3 else self._probe()

    def _comprehension(self) -> str:
        a, b = self.name(), self.name()
        self.probes += 1
        if self.chance.random() < 0.3 and a != b:
            return f"[({b} := {self.constant()}) for {a} in (1, probe({self.probes}, {b}), 2)]"
        if self.chance.random() < 0.3 and a != b:
            value = self.constant()
            return f"[(probe({self.probes}, {b}), {b} := {value}) for {a} in (1, 2) if choose()]"
        return f"[probe({self.probes}, {b}) for {a} in (1, {self.name()}) if choose()]"

    def _probe(self) -> str:
        self.probes += 1
        return f"probe({self.probes}, {self.name()})"

    def _inner(self, depth: int, *, loop: bool, inside: bool) -> str:
        return indent(self.block(depth, loop=loop, inside=inside), "    ")

    def _if(self, depth: int, *, loop: bool, inside: bool) -> str:
        parts = [f"if {self.test()}:\n" + self._inner(depth, loop=loop, inside=inside)]
        if self.chance.random() < 0.3:
            parts.append(f"elif {self.test()}:\n" + self._inner(depth, loop=loop, inside=inside))
        if self.chance.random() < 0.5:
            parts.append("else:\n" + self._inner(depth, loop=loop, inside=inside))
        return "\n".join(parts)

    def _while(self, depth: int, *, loop: bool, inside: bool) -> str:
        test = f"tick() and ({self.test()})" if self.chance.random() < 0.8 else "True"
        first = "" if test != "True" else "    if not choose(): break\n"
        text = f"while {test}:\n" + first + self._inner(depth, loop=True, inside=inside)
        return text + self._else(depth, loop=loop, inside=inside)

    def _for(self, depth: int, *, loop: bool, inside: bool) -> str:
        items = ", ".join(self.constant() for _ in range(self.chance.randint(0, 2)))
        text = f"for {self.name()} in [{items}]:\n" + self._inner(depth, loop=True, inside=inside)
        return text + self._else(depth, loop=loop, inside=inside)

    def _else(self, depth: int, *, loop: bool, inside: bool) -> str:
        if self.chance.random() < 0.3:
            return "\nelse:\n" + self._inner(depth, loop=loop, inside=inside)
        return ""

    def _try(self, depth: int, *, loop: bool, inside: bool) -> str:
        parts = ["try:\n" + self._inner(depth, loop=loop, inside=inside)]
        handled = self.chance.random() < 0.7
        if handled:
            title = self.chance.choice(("except ValueError:", "except Exception:", "except:"))
            parts.append(f"{title}\n" + self._inner(depth, loop=loop, inside=inside))
            if self.chance.random() < 0.3:
                parts.append("else:\n" + self._inner(depth, loop=loop, inside=inside))
        if not handled or self.chance.random() < 0.4:
            parts.append("finally:\n" + self._inner(depth, loop=False, inside=False))
        return "\n".join(parts)

    def _with(self, depth: int, *, loop: bool, inside: bool) -> str:
        manager = self.chance.choice(("suppress(Exception)", "plain()"))
        return f"with {manager}:\n" + self._inner(depth, loop=loop, inside=inside)

    def _match(self, depth: int, *, loop: bool, inside: bool) -> str:
        arms = ["None if choose()", f"int() as {self.name()}", "101 | 102", f"{self.name()}"]
        chosen = [arm for arm in arms if self.chance.random() < 0.6] or ["_"]
        text = f"match {self.name()}:\n"
        return text + "\n".join(
            f"    case {arm}:\n" + indent(self._inner(depth, loop=loop, inside=inside), "    ")
            for arm in chosen
        )

    def _define(self, depth: int, *, loop: bool, inside: bool) -> str:
        del loop, inside
        self.functions += 1
        title = f"f{self.functions}"
        body = self._inner(depth, loop=False, inside=True)
        share = self.chance.choice(("", "", f"    SHARE {self.name()}\n"))
        call = self.chance.choice(("", f"\n{title}()", f"\nlater.append({title})"))
        return f"def {title}():\n{share}{body}{call}"


def program(seed: int, *, module: bool) -> str:
    """Write a program: statements of a module, or of a function that is called at its end."""
    made = Made(random.Random(seed))  # noqa: S311 - a test's programs are no secret
    body = "\n".join(made.statement(3, loop=False, inside=False) for _ in range(5))
    start = "".join(f"{name} = {at}\n" for at, name in enumerate(NAMES))
    text = start + body + "\nfor g in later: g()\n"
    if module:
        return text.replace("SHARE", "global")
    return "def main():\n" + indent(text.replace("SHARE", "nonlocal"), "    ") + "\nmain()\n"


def run(source: str, seed: int) -> set[tuple[int, str]]:
    """Run a program with tests decided by chance; return which probe saw which value."""
    chance = random.Random(seed)  # noqa: S311 - a test's programs are no secret
    seen: set[tuple[int, str]] = set()
    left = [TURNS]

    def choose() -> bool:
        return tick() and chance.random() < 0.5

    def tick() -> bool:
        left[0] -= 1
        return left[0] > 0

    def fail() -> None:
        if choose():
            raise ValueError

    scope: dict[str, Any] = {
        "probe": lambda at, value: seen.add((at, repr(value))), "choose": choose, "tick": tick,
        "fail": fail, "later": [], "suppress": suppress,
        "plain": nullcontext,
    }  # fmt: skip
    with suppress(NameError, ValueError, RecursionError):
        exec(compile(source, "made", "exec"), scope)  # noqa: S102 - the program is our own
    return seen


@pytest.mark.parametrize("module", [False, True], ids=["function", "module"])
@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_what_a_run_sees_is_allowed(seed: int, *, module: bool) -> None:
    """Every value that a probe sees is among those that the steps let reach it."""
    source = program(seed, module=module)
    try:
        compile(source, "made", "exec")
    except SyntaxError:  # a name declared global or nonlocal after its use
        return
    steps = Steps(source)
    allowed: dict[int, set[str]] = {}
    for call in steps.probes():
        (number,) = steps.argument(call, 0)
        allowed.setdefault(int(number), set()).update(steps.argument(call, 1))
    for turn in range(4):
        for at, value in run(source, seed + turn):
            assert value in allowed[at], (at, value, source)
