"""The part of Cypher that graph memory reads: one MATCH path, WHERE, RETURN, ORDER BY, LIMIT."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.memory.errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Scope = dict[str, Any]  # variable -> Entity or Relation
Value = Any  # Callable[[Scope], Any]: an expression, ready to be asked
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<number>\d+(?:\.\d+)?)"""
    r"""|(?P<param>\$\w+)|(?P<word>`[^`]+`|\w+)|(?P<mark><>|<=|>=|->|<-|\.\.|[-()\[\]{}:,.=<>*|]))"""
)
_CLAUSES = "WHERE RETURN ORDER SKIP LIMIT".split()
_READS = (
    "graph memory reads MATCH (a:Type {key: value})-[r:REL]->(b) WHERE ... RETURN ..."
    " ORDER BY ... SKIP n LIMIT n"
)


@dataclass(slots=True)
class NodePattern:
    """A place of the path where an entity stands."""

    name: str
    kinds: list[str] = field(default_factory=list)
    wanted: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class StepPattern:
    """A place of the path where a relation is crossed; `direction` is out, in or both."""

    name: str
    kinds: list[str] = field(default_factory=list)
    wanted: dict[str, Value] = field(default_factory=dict)
    direction: str = "both"


@dataclass(slots=True)
class Column:
    """A column of the result; a counting one has no value of its own."""

    name: str
    value: Value
    counts: bool = False


@dataclass(slots=True)
class Query:
    """A query as it was read."""

    path: list[NodePattern | StepPattern]
    where: Value | None = None
    columns: list[Column] = field(default_factory=list)
    distinct: bool = False
    order: list[tuple[str, Value, bool]] = field(default_factory=list)  # text, value, descending
    skip: int = 0
    limit: int | None = None


def read_query(text: str, params: Mapping[str, Any]) -> Query:
    """Read a query; `PatternError` names what is not understood and where."""
    try:
        return _Reader(text, params).query()
    except RecursionError as deep:
        raise PatternError("the query is nested too deeply", column=1) from deep


class _Reader:
    """Reads from left to right, one token ahead."""

    def __init__(self, text: str, params: Mapping[str, Any]) -> None:
        self._text = text
        self._params = params
        self._tokens = _tokens(text)
        self._at = 0
        self._unnamed = 0

    def query(self) -> Query:
        self._need("MATCH")
        query = Query(self._path())
        if self._word("WHERE"):
            query.where = self._either()
        self._need("RETURN")
        query.distinct = self._word("DISTINCT")
        query.columns = self._separated(self._column)
        if self._word("ORDER"):
            self._need("BY")
            named = {column.name: column.value for column in query.columns}
            query.order = self._separated(lambda: self._ordered(named))
        if self._word("SKIP"):
            query.skip = self._count()
        if self._word("LIMIT"):
            query.limit = self._count()
        if self._at < len(self._tokens):
            raise self._lost("the end of the query")
        return query

    def _path(self) -> list[NodePattern | StepPattern]:
        path: list[NodePattern | StepPattern] = [self._node()]
        while self._peek() in {"-", "<-"}:
            path += [self._step(), self._node()]
        return path

    def _node(self) -> NodePattern:
        self._need("(")
        found = NodePattern(self._name(":{)"))
        while self._mark(":"):
            found.kinds.append(self._plain())
        found.wanted = self._wanted()
        self._need(")")
        return found

    def _step(self) -> StepPattern:
        into = self._mark("<-")
        if not into:
            self._need("-")
        found = StepPattern("")
        if self._mark("["):
            found.name = self._name(":{]")
            if self._mark(":"):
                found.kinds.append(self._plain())
                while self._mark("|"):
                    self._mark(":")
                    found.kinds.append(self._plain())
            found.wanted = self._wanted()
            self._need("]")
        found.name = found.name or self._fresh()
        out = self._mark("->")
        if not out:
            self._need("-")
        found.direction = "in" if into and not out else "out" if out and not into else "both"
        return found

    def _wanted(self) -> dict[str, Value]:
        wanted: dict[str, Value] = {}
        if not self._mark("{"):
            return wanted
        while True:
            key = self._plain()
            self._need(":")
            wanted[key] = self._operand()
            if not self._mark(","):
                break
        self._need("}")
        return wanted

    def _either(self) -> Value:
        parts = [self._both()]
        while self._word("OR"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda scope: any(p(scope) for p in parts)

    def _both(self) -> Value:
        parts = [self._not()]
        while self._word("AND"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else lambda scope: all(p(scope) for p in parts)

    def _not(self) -> Value:
        if self._word("NOT"):
            inner = self._not()
            return lambda scope: not inner(scope)
        if self._mark("("):
            inner = self._either()
            self._need(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Value:
        left = self._operand()
        if self._word("IS"):
            present = self._word("NOT")
            self._need("NULL")
            return lambda scope: (left(scope) is not None) == present
        compare = self._comparer()
        right = self._operand()
        return lambda scope: _holds(compare, left(scope), right(scope))

    def _comparer(self) -> Callable[[Any, Any], bool]:
        token = self._peek()
        if token in _COMPARE:
            self._at += 1
            return _COMPARE[token]
        for words, compare in _WORDS.items():
            first, *rest = words.split()
            if self._word(first):
                for word in rest:
                    self._need(word)
                return compare
        raise self._lost("a comparison")

    def _operand(self) -> Value:
        if self._mark("["):
            items = [] if self._peek() == "]" else self._separated(self._operand)
            self._need("]")
            return lambda scope: [item(scope) for item in items]
        negative = self._mark("-")
        kind, text = self._take("a value")
        if kind == "number":
            number = float(text) if "." in text else int(text)
            return _constant(-number if negative else number)
        if kind == "text":
            return _constant(re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "param":
            return _constant(self._param(text[1:]))
        if kind == "word":
            return self._named(text)
        raise self._lost("a value", back=1)

    def _named(self, text: str) -> Value:
        lowered = text.lower()
        if lowered in {"true", "false", "null"}:
            return _constant({"true": True, "false": False, "null": None}[lowered])
        if lowered in _FUNCTIONS and self._mark("("):
            name = self._plain()
            self._need(")")
            about = _FUNCTIONS[lowered]
            return lambda scope: about(_bound(scope, name))
        name = text.strip("`")
        if not self._mark("."):
            return lambda scope: _whole(_bound(scope, name))
        key = self._plain()
        return lambda scope: property_of(_bound(scope, name), key)

    def _column(self) -> Column:
        start = self._at
        if self._word("COUNT"):
            self._need("(")
            if not self._mark("*"):
                self._plain()
            self._need(")")
            column = Column("count", _constant(None), counts=True)
        else:
            column = Column("", self._operand())
        column.name = "".join(text for _, text, _ in self._tokens[start : self._at])
        if self._word("AS"):
            column.name = self._plain()
        return column

    def _ordered(self, named: dict[str, Value]) -> tuple[str, Value, bool]:
        if self._peek() in named:
            text = self._plain()
            value = named[text]
        else:
            start = self._at
            value = self._operand()
            text = "".join(token for _, token, _ in self._tokens[start : self._at])
        descending = self._word("DESC") or self._word("DESCENDING")
        if not descending and not self._word("ASC"):
            self._word("ASCENDING")
        return text, value, descending

    def _count(self) -> int:
        value = self._operand()({})
        if not isinstance(value, int) or value < 0:
            raise self._lost("a number of rows")
        return value

    def _separated(self, one: Callable[[], Any]) -> list[Any]:
        found = [one()]
        while self._mark(","):
            found.append(one())
        return found

    def _param(self, name: str) -> Any:  # noqa: ANN401 - a value that the caller passed
        if name not in self._params:
            raise PatternError(f"parameter ${name} is not given", parameter=name)
        return self._params[name]

    def _name(self, ends: str) -> str:
        return self._fresh() if self._peek() in set(ends) else self._plain()

    def _fresh(self) -> str:
        self._unnamed += 1
        return f" {self._unnamed}"

    def _plain(self) -> str:
        kind, text = self._take("a name")
        if kind != "word":
            raise self._lost("a name", back=1)
        return text.strip("`")

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, wanted: str) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self._lost(wanted)
        kind, text, _ = self._tokens[self._at]
        self._at += 1
        return kind, text

    def _mark(self, mark: str) -> bool:
        found = self._peek() == mark
        self._at += found
        return found

    def _word(self, word: str) -> bool:
        found = self._peek().upper() == word
        self._at += found
        return found

    def _need(self, wanted: str) -> None:
        if not self._word(wanted):
            raise self._lost(wanted)

    def _lost(self, wanted: str, back: int = 0) -> PatternError:
        at = self._at - back
        place = self._tokens[at][2] if at < len(self._tokens) else len(self._text)
        return PatternError(
            f"expected {wanted} at column {place + 1} of {self._text!r}; {_READS}",
            column=place + 1,
        )


def property_of(thing: Any, key: str) -> Any:  # noqa: ANN401 - a property holds any JSON
    """Return a property of an entity or relation; its id and type are there too."""
    if key in thing.properties:
        return thing.properties[key]
    return getattr(thing, key, None) if key in {"id", "type"} else None


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, at = [], 0
    stripped = text.rstrip().removesuffix(";").rstrip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None:
            raise PatternError(f"cannot read {stripped[at : at + 10]!r}; {_READS}", column=at + 1)
        kind = str(match.lastgroup)
        found.append((kind, match[kind], match.start(kind)))
        at = match.end()
    return found


def _constant(value: Any) -> Value:  # noqa: ANN401 - any JSON
    return lambda _: value


def _bound(scope: Scope, name: str) -> Any:  # noqa: ANN401 - an entity or a relation
    if name not in scope:
        raise PatternError(f"variable {name!r} is not in the MATCH", variable=name)
    return scope[name]


def _whole(thing: Any) -> Any:  # noqa: ANN401 - an entity or a relation
    return thing


def _holds(compare: Callable[[Any, Any], bool], left: object, right: object) -> bool:
    if left is None or right is None:
        return False  # null compares with nothing, as in Cypher
    try:
        return bool(compare(left, right))
    except TypeError:
        return False


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_WORDS: dict[str, Callable[[Any, Any], bool]] = {
    "CONTAINS": lambda a, b: b in a,
    "STARTS WITH": lambda a, b: a.startswith(b),
    "ENDS WITH": lambda a, b: a.endswith(b),
    "IN": lambda a, b: a in b,
}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "id": lambda thing: getattr(thing, "id", None),
    "type": lambda thing: thing.type,
    "labels": lambda thing: [thing.type, *thing.labels],
    "properties": lambda thing: dict(thing.properties),
}
