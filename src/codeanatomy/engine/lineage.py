"""What a query reads: taken from its optimised plan, not from its text.

A table counts as read when the plan scans it, under its own name whatever its alias; views and
common table expressions are seen through. The columns of a table are those its scan fetches or
filters by. An output column's sources are the columns its values are computed from, through
every step; columns that only choose rows (filters, join keys, sort keys) are not among them, but
the FILTER, PARTITION BY and ORDER BY of an aggregate or a window are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from codeanatomy.kernel.errors import CompileError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from datafusion.plan import LogicalPlan

    from codeanatomy.engine.session import Session
    from codeanatomy.kernel.plan import Step

Sources = frozenset[str]  # each is "table.column"
Field = tuple[str, Sources]  # an output column of a plan node, by its qualified name

NOTHING: Sources = frozenset()
OWN_SCHEMAS = (None, "public")  # schemas whose tables go by their bare name


class Lineage(msgspec.Struct, frozen=True):
    """Tables with the columns read, output columns with their sources, functions; all sorted."""

    tables: dict[str, tuple[str, ...]]
    outputs: dict[str, tuple[str, ...]]
    functions: tuple[str, ...]


def lineage(session: Session, sql: str) -> Lineage:
    """Return what one SELECT reads, without running it; raises `QueryError` as running would."""
    frame = session.frame(sql)
    reader = _Reader()
    fields = reader.fields(frame.optimized_logical_plan(), {})
    outputs: dict[str, Sources] = {}
    for name, (_, sources) in zip(frame.schema().names, fields, strict=True):
        outputs[name] = outputs.get(name, NOTHING) | sources
    return Lineage(
        {table: tuple(sorted(columns)) for table, columns in sorted(reader.tables.items())},
        {name: tuple(sorted(sources)) for name, sources in outputs.items()},
        tuple(sorted(reader.functions)),
    )


def check_reads(session: Session, step: Step) -> Lineage:
    """Return the lineage of an SQL step; raises `CompileError` unless it reads what it declares."""
    found = lineage(session, step.text)
    if set(found.tables) != set(step.reads):
        undeclared = sorted(set(found.tables) - set(step.reads))
        unread = sorted(set(step.reads) - set(found.tables))
        raise CompileError(
            f"step {step.name}: reads without declaring {undeclared}, declares without reading "
            f"{unread}",
            step=step.name,
            undeclared=undeclared,
            unread=unread,
        )
    return found


class _Expr(Protocol):
    """As much of DataFusion's expressions as is needed here."""

    def variant_name(self) -> str: ...
    def canonical_name(self) -> str: ...
    def rex_call_operator(self) -> str: ...
    def rex_call_operands(self) -> list[_Expr]: ...
    def to_variant(self) -> Any: ...  # noqa: ANN401 - one of fifty classes without a base


class _Reader:
    """Walks one plan from its root, and keeps the tables and functions it meets."""

    def __init__(self) -> None:
        self.tables: dict[str, set[str]] = {}
        self.functions: set[str] = set()

    def fields(self, plan: LogicalPlan, working: Mapping[str, list[Sources]]) -> list[Field]:
        """Return the output columns of `plan` in order.

        `working` holds the tables that exist only inside a recursive query, by name.
        """
        node = _variant(plan)
        name = type(node).__name__
        if name == "TableScan":
            return self._scan(node, working)
        if name == "RecursiveQuery":
            return self._recursive(node, plan, working)
        inputs = [self.fields(child, working) for child in plan.inputs()]
        return _zipped(node, self._columns(node, inputs))

    def _columns(self, node: Any, inputs: list[list[Field]]) -> list[Sources]:  # noqa: ANN401 - see _Expr
        """Return the sources of each output column of a node that has only inputs."""
        known = {field: sources for fields in inputs for field, sources in fields}
        name = type(node).__name__
        if name == "Projection":
            return [self._sources(e, known) for e in node.projections()]
        if name == "Aggregate":
            return self._aggregate(node, known)
        if name == "WindowExpr":
            added = [self._window(node, e, known) for e in node.get_window_expr()]
            return [sources for _, sources in inputs[0]] + added
        if name in ("SubqueryAlias", "Union"):
            rows = zip(*([sources for _, sources in fields] for fields in inputs), strict=True)
            return [NOTHING.union(*row) for row in rows]
        for expression in _conditions(node):
            self._sources(expression, known)
        return [_found(field, known) for field in _names(node)]

    def _scan(self, node: Any, working: Mapping[str, list[Sources]]) -> list[Field]:  # noqa: ANN401 - see _Expr
        _, schema, table = node.fqn()
        names = _names(node)
        projection = node.projection()
        picked = projection if projection is not None else list(enumerate(map(_bare, names)))
        if table in working:
            return [(n, working[table][i]) for n, (i, _) in zip(names, picked, strict=True)]
        if table.endswith("()"):
            self.functions.add(table.removesuffix("()"))
            return [(name, NOTHING) for name in names]
        if schema not in OWN_SCHEMAS:
            table = f"{schema}.{table}"
        columns = self.tables.setdefault(table, set())
        columns.update(column for _, column in picked)
        filtered = _Columns()
        for expression in node.filters():
            self._sources(expression, filtered)
        columns.update(filtered.seen)
        return [(n, frozenset({f"{table}.{c}"})) for n, (_, c) in zip(names, picked, strict=True)]

    def _recursive(
        self,
        node: Any,  # noqa: ANN401 - see _Expr
        plan: LogicalPlan,
        working: Mapping[str, list[Sources]],
    ) -> list[Field]:
        """Follow the recursive term until no column gains a source."""
        start, again = plan.inputs()
        fields = self.fields(start, working)
        names = [name for name, _ in fields]
        now = [sources for _, sources in fields]
        while True:
            more = self.fields(again, {**working, node.name(): now})
            then = [a | b for a, (_, b) in zip(now, more, strict=True)]
            if then == now:
                return list(zip(names, now, strict=True))
            now = then

    def _aggregate(self, node: Any, known: Mapping[str, Sources]) -> list[Sources]:  # noqa: ANN401 - see _Expr
        groups, measures = node.group_by_exprs(), node.aggregate_exprs()
        sources = [self._sources(e, known) for e in (*groups, *measures)]
        names = _names(node)
        if any(e.variant_name() == "GroupingSet" for e in groups):
            keys = names[: len(names) - len(measures)]
            by_key = [sources[0] if key == "__grouping_id" else _found(key, known) for key in keys]
            sources = by_key + sources[len(groups) :]
        return sources

    def _window(self, node: Any, expression: _Expr, known: Mapping[str, Sources]) -> Sources:  # noqa: ANN401 - see _Expr
        self.functions.add(node.window_func_name(expression))
        parts = [*node.get_args(expression), *node.get_partition_exprs(expression)]
        parts += [item.expr() for item in node.get_sort_exprs(expression)]
        seen = [self._sources(part, known) for part in parts]
        return NOTHING.union(*seen, self._hidden(expression, known))

    def _sources(self, expression: _Expr, known: Mapping[str, Sources]) -> Sources:
        """Return what an expression's value is computed from, and note the functions it calls."""
        expression = getattr(expression, "expr", expression)  # DataFusion wraps some of them
        name = expression.variant_name()
        if name == "Column":
            return _found(expression.to_variant().qualified_name(), known)
        if name in ("Exists", "InSubquery", "ScalarSubquery", "SetComparison"):
            raise UnsupportedError(f"a subquery at this place: {expression.canonical_name()}")
        if name == "GroupingSet":
            return self._mentioned(expression.canonical_name(), known)
        if name == "ScalarFunction":
            self.functions.add(expression.rex_call_operator())
        hidden = NOTHING
        if name == "AggregateFunction":
            self.functions.add(expression.to_variant().aggregate_type())
            hidden = self._hidden(expression, known)
        try:
            operands = [] if name == "Literal" else expression.rex_call_operands()
        except RuntimeError:
            return self._mentioned(expression.canonical_name(), known)
        return NOTHING.union(hidden, *(self._sources(operand, known) for operand in operands))

    def _hidden(self, expression: _Expr, known: Mapping[str, Sources]) -> Sources:
        """Read FILTER and ORDER BY of an aggregate from its text: its parts do not show them."""
        text = expression.canonical_name()
        found = re.search(r" FILTER \(WHERE | ORDER BY \[", text)
        return self._mentioned(text[found.start() :], known) if found else NOTHING

    def _mentioned(self, text: str, known: Mapping[str, Sources]) -> Sources:
        """Return the sources of every column named in `text`, and note the functions called."""
        text = re.sub(r'"[^"]*"', '""', text)
        seen = NOTHING
        for name in sorted(known, key=len, reverse=True):
            if name in text:
                seen |= known[name]
                text = text.replace(name, " ")
        self.functions.update(re.findall(r"\b([a-z_][a-z0-9_]*)\(", text))
        return seen


class _Columns(dict[str, Sources]):
    """Answers for every column there may be, and remembers the bare names asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> Sources:
        self.seen.add(_bare(name))
        return NOTHING


def _variant(plan: LogicalPlan) -> Any:  # noqa: ANN401 - one of forty classes without a base
    try:
        return plan.to_variant()
    except Exception as error:
        what = plan.display().split(maxsplit=1)[0]
        raise UnsupportedError(f"the lineage of {what} is not known", node=what) from error


def _zipped(node: Any, sources: Iterable[Sources]) -> list[Field]:  # noqa: ANN401 - see _variant
    return list(zip(_names(node), sources, strict=True))


def _names(node: Any) -> list[str]:  # noqa: ANN401 - see _variant
    schema = node.schema()
    if not hasattr(schema, "field_names"):  # DESCRIBE: it shows a table and reads none
        what = type(node).__name__
        raise UnsupportedError(f"the lineage of {what} is not known", node=what)
    return list(schema.field_names())


def _conditions(node: Any) -> list[_Expr]:  # noqa: ANN401 - see _variant
    """Return the expressions of a node that choose or order rows."""
    name = type(node).__name__
    if name == "Filter":
        return [node.predicate()]
    if name == "Sort":
        return [item.expr() for item in node.sort_exprs()]
    if name == "Join":
        keys = [side for pair in node.on() for side in pair]
        return keys if node.filter() is None else [*keys, node.filter()]
    return []


def _found(name: str, known: Mapping[str, Sources]) -> Sources:
    """Return the sources of the column `name`, qualified or not; unnesting changes the name."""
    tries: tuple[Callable[[str], str], ...] = (str, _bare, _unnested)
    for change in tries:
        if change(name) in known:
            return known[change(name)]
    ends = [sources for field, sources in known.items() if _bare(field) == name]
    ends = ends or [sources for field, sources in known.items() if name.startswith(field)]
    return NOTHING.union(*ends)


def _bare(name: str) -> str:
    """Drop the qualifier of a column's name; a computed column has brackets, not a qualifier."""
    return name if "(" in name else name.rsplit(".", 1)[-1]


def _unnested(name: str) -> str:
    return re.sub(r",depth=\d+\)$", ")", name)
