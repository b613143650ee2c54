"""The grammar of expressions: from a text to a tree.

or < and < not < = == != <> < <= > >= in between like is < + - < * / % < unary - < [ ] . ( )
"""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from codeanatomy.ecs.errors import InvalidExpressionError

Operand: TypeAlias = "str | int | float | bool | Node | None"


class Node(NamedTuple):
    """One operation and what it is applied to; leaves are `name`, `value` and `count *`."""

    operation: str
    operands: tuple[Operand, ...]


def tree_of(text: str) -> Node:
    """Read a text; raises `InvalidExpressionError` that points at the place."""
    reader = _Reader(text)
    tree = reader.either()
    if reader.kind != "end":
        raise reader.refused(f"{reader.word!r} does not belong here")
    return tree


AGGREGATES = ("avg", "count", "max", "mean", "median", "min", "stddev", "sum")
"""Functions that make one value of all rows."""

FUNCTIONS = (
    "abs",
    "ceil",
    "coalesce",
    "cos",
    "exp",
    "floor",
    "greatest",
    "least",
    "length",
    "ln",
    "lower",
    "round",
    "sign",
    "sin",
    "sqrt",
    "upper",
)
"""Functions that make a value of every row."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<text>'(?:[^']|'')*'|\"[^\"]*\")|(?P<sign><>|<=|>=|==|!=|[-+*/%<>=(),.\[\]]))"
)
_COMPARE = {"==": "=", "<>": "!="} | {sign: sign for sign in ("=", "!=", "<", "<=", ">", ">=")}
_WORDS = frozenset("and or not in between like is null none true false".split())
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "none": None}
_DEEPEST = 40


class _Reader:
    """A recursive descent over the tokens; one method a level of precedence."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = self.end = 0
        self.depth = 0
        self.kind = self.word = ""
        self.next()

    def next(self) -> None:
        """Go to the next token."""
        found = _TOKEN.match(self.text, self.end)
        if found is None:
            rest = self.text[self.end :]
            self.at = self.end + len(rest) - len(rest.lstrip())
            if rest.strip():
                raise self.refused(f"{rest.strip()[0]!r} cannot be read")
            self.kind, self.word = "end", "the end"
            return
        self.kind = found.lastgroup or ""
        self.at, self.end = found.start(self.kind), found.end()
        self.word = found[self.kind]
        if self.kind == "name" and self.word.lower() in _WORDS:
            self.kind, self.word = "word", self.word.lower()

    def took(self, *words: str) -> bool:
        """Step over one of these signs or words, if it stands here."""
        if self.kind in {"sign", "word"} and self.word in words:
            self.next()
            return True
        return False

    def must(self, word: str) -> None:
        """Step over this sign or word; raises where another stands."""
        if not self.took(word):
            raise self.refused(f"{word!r} is missing before {self.word!r}")

    def refused(self, why: str) -> InvalidExpressionError:
        """Make the error that points here."""
        return InvalidExpressionError(
            f"{self.text!r}, character {self.at + 1}: {why}", text=self.text, at=self.at
        )

    def either(self) -> Node:
        """Read `a or b`."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.refused(f"more than {_DEEPEST} levels of nesting")
        found = self.both()
        while self.took("or"):
            found = Node("or", (found, self.both()))
        self.depth -= 1
        return found

    def both(self) -> Node:
        """Read `a and b`."""
        found = self.negated()
        while self.took("and"):
            found = Node("and", (found, self.negated()))
        return found

    def negated(self) -> Node:
        """Read `not a`."""
        turns = 0
        while self.took("not"):
            turns += 1
        found = self.compared()
        return Node("not", (found,)) if turns % 2 else found

    def compared(self) -> Node:
        """Read one comparison, or a chain of them: `0 < x <= 3`."""
        left = self.added()
        found: Node | None = None
        while True:
            if self.kind == "sign" and self.word in _COMPARE:
                operation = _COMPARE[self.word]
                self.next()
                right = self.added()
                one, left = Node(operation, (left, right)), right
            elif self.kind == "word" and self.word in {"in", "between", "like", "is", "not"}:
                one = self.told(left)
            else:
                return found or left
            found = one if found is None else Node("and", (found, one))

    def told(self, left: Node) -> Node:
        """Read `in (...)`, `between a and b`, `like 'a%'`, `is null`, with `not` or without."""
        if self.took("is"):
            turned = self.took("not")
            if not (self.took("null") or self.took("none")):
                raise self.refused("only `is null` and `is not null` are known")
            one = Node("null", (left,))
        else:
            turned = self.took("not")
            if self.took("between"):
                low = self.added()
                self.must("and")
                one = Node("and", (Node(">=", (left, low)), Node("<=", (left, self.added()))))
            elif self.took("like"):
                one = Node("like", (left, self.added()))
            else:
                self.must("in")
                self.must("(")
                one = Node("in", (left, *self.listed(")")))
        return Node("not", (one,)) if turned else one

    def added(self) -> Node:
        """Read sums."""
        found = self.multiplied()
        while self.kind == "sign" and self.word in {"+", "-"}:
            operation = self.word
            self.next()
            found = Node(operation, (found, self.multiplied()))
        return found

    def multiplied(self) -> Node:
        """Read products."""
        found = self.signed()
        while self.kind == "sign" and self.word in {"*", "/", "%"}:
            operation = self.word
            self.next()
            found = Node(operation, (found, self.signed()))
        return found

    def signed(self) -> Node:
        """Read `-a`."""
        turns = 0
        while self.kind == "sign" and self.word in {"-", "+"}:
            turns += self.word == "-"
            self.next()
        found = self.reached()
        return Node("minus", (found,)) if turns % 2 else found

    def reached(self) -> Node:
        """Read an atom and what is taken out of it: `xy[0]`, `home.street`."""
        found = self.atom()
        while True:
            if self.took("["):
                if self.kind != "number" or not self.word.isdigit():
                    raise self.refused("a place in a list is a whole number")
                found = Node("element", (found, int(self.word)))
                self.next()
                self.must("]")
            elif self.took("."):
                found = Node("field", (found, self.word))
                self.next()
            else:
                return found

    def atom(self) -> Node:
        """Read a number, a text, a constant, a column, a call or what stands in brackets."""
        kind, word = self.kind, self.word
        if self.took("("):
            found = self.either()
            self.must(")")
            return found
        if kind == "number":
            self.next()
            return Node("value", (int(word) if word.isdigit() else float(word),))
        if kind == "text":
            self.next()
            return Node("value", (word[1:-1].replace("''", "'") if word[0] == "'" else word[1:-1],))
        if kind == "word" and word in _CONSTANTS:
            self.next()
            return Node("value", (_CONSTANTS[word],))
        if kind != "name":
            raise self.refused(f"a column, a number or a text is missing before {word!r}")
        self.next()
        return self.called(word) if self.took("(") else Node("name", (word,))

    def called(self, name: str) -> Node:
        """Read the arguments of a function."""
        known = name.lower()
        if known not in AGGREGATES and known not in FUNCTIONS:
            raise self.refused(
                f"no function {name!r}; there are {', '.join(sorted({*AGGREGATES, *FUNCTIONS}))}"
            )
        if known == "count" and self.took("*"):
            self.must(")")
            return Node("count *", ())
        return Node(known, self.listed(")"))

    def listed(self, closing: str) -> tuple[Node, ...]:
        """Read expressions between commas up to the closing bracket."""
        found = [self.either()]
        while self.took(","):
            found.append(self.either())
        self.must(closing)
        return tuple(found)
