"""From declarations to a plan: each view becomes a step, and what it leaves unsaid is inferred.

Inferred from the semantic types of columns: join keys (the right table's key, found on the left),
the join strategy (equal keys in SQL, the innermost enclosing span in a kernel), spans, projections,
schemas, and the order of steps. A view that cannot be compiled is an error, never a substitute.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from codeanatomy.cpg import entities, evidence, nodes
from codeanatomy.cpg import relations as room
from codeanatomy.cpg.edges import EDGES
from codeanatomy.cpg.views import SPACES, End, Entity, Program, Relation
from codeanatomy.kernel.catalog import load
from codeanatomy.kernel.errors import CompileError
from codeanatomy.kernel.plan import Plan, Step, planned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.kernel.schema import Column, Table

_NORMALIZE = "codeanatomy.cpg.normalize."
_TABLES = {t.name: t for t in (*evidence.TABLES, *entities.JOINED, *entities.STORED)}
_PER_FILE = ("files", "modules", "file_lines")


@cache
def compile_file_plan() -> Plan:
    """Compile everything that one file alone decides: derived tables, nodes, edges, props."""
    return planned([*_derived(), *_entities(), *_identity(), *_edges(), *_facts(), *_stored()])


def compile_plan() -> Plan:
    """Compile the whole plan: what each file decides, then what needs the others."""
    return planned([*compile_file_plan().steps, *_program()])


def relations() -> list[Relation]:
    """List what the edge page's kinds say of themselves within one file."""
    return [part for _, parts in _declared() for part in parts if isinstance(part, Relation)]


def compile_relation(name: str, relation: Relation) -> tuple[Step, ...]:
    """Compile one relation: tables with a key in common in SQL, spans that nest in a kernel.

    Raises `CompileError` where two tables share neither, or columns are not declared.
    """
    return tuple(_relation(name, relation))


def _declared() -> Iterator[tuple[str, tuple[Relation | Program, ...]]]:
    for kind in EDGES:
        if kind.relation:
            found = load(room, kind.relation, "RELATION")
            yield kind.relation, found if isinstance(found, tuple) else (found,)


def _derived() -> Iterator[Step]:
    for view in entities.DERIVED:
        text = view.text if view.engine == "kernel" else view.text.strip()
        yield Step(view.writes, view.kind, view.reads, view.writes, text, "file", view.engine)


def _entities() -> Iterator[Step]:
    """Project the rows that are nodes: all of them have the same columns."""
    for entity in entities.ENTITIES:
        writes = f"entity_{entity.name}"
        yield Step(writes, "project", (entity.table,), writes, _project(entity), "file")


def _project(entity: Entity) -> str:
    kind = entity.kind if entity.kind.startswith("(") else f"'{entity.kind}'"
    if entity.space not in SPACES or (kind.startswith("'") and entity.kind not in nodes.BY_NAME):
        msg = f"entity {entity.name}: no space {entity.space!r} or no node kind {entity.kind!r}"
        raise CompileError(msg, entity=entity.name)
    sources = entity.sources if entity.sources.startswith("(") else f"'{entity.sources}'"
    where = f"\nWHERE {entity.where}" if entity.where else ""
    return (
        f"SELECT file_no, '{entity.space}' AS space, CAST({entity.local} AS INT) AS local, "
        f"{kind} AS kind,\n"
        f"       CAST({entity.shown} AS VARCHAR) AS name, "
        f"CAST({entity.qualified} AS VARCHAR) AS qualname,\n"
        f"       CAST({entity.index} AS INT) AS index, CAST({entity.syntax} AS VARCHAR) AS syntax, "
        f"bstart, bend,\n       {sources} AS sources\nFROM {entity.table}{where}"
    )


def _identity() -> Iterator[Step]:
    parts = tuple(f"entity_{entity.name}" for entity in entities.ENTITIES)
    place = _NORMALIZE + "identity."
    yield Step("identified", "normalize", (*_PER_FILE, *parts), "identified", place + "identify",
               "file", "kernel")  # fmt: skip
    yield Step("nodes", "project", ("identified",), "nodes", place + "nodes", "file", "kernel")
    yield Step(
        "places", "normalize", ("identified", "ast_names", "bound", "builtin_places"), "places",
        place + "places", "file", "kernel",
    )  # fmt: skip


def _edges() -> Iterator[Step]:
    names: list[str] = []
    for file, parts in _declared():
        for place, part in enumerate(p for p in parts if isinstance(p, Relation)):
            name = f"relation_{file}" + (f"_{place + 1}" if place else "")
            names.append(name)
            yield from compile_relation(name, part)
    reads = ("places", "files", "file_lines", *names)
    yield Step("edges", "union", reads, "edges", _NORMALIZE + "ends.edges", "file", "kernel")


def _relation(name: str, relation: Relation) -> Iterator[Step]:
    if not relation.right:
        yield Step(name, "relate", (relation.left,), name, _one_table(relation), "file")
        return
    left, right = (_table(name, t) for t in (relation.left, relation.right))
    keys = _equal_keys(left, right)
    if keys is not None:
        on = " AND ".join(f"l.{a} = r.{b}" for a, b in keys)
        source = f"{left.name} l JOIN {right.name} r ON {on}"
        text = _select(relation, source, "l.", "l.file_no")
        yield Step(name, "relate", (left.name, right.name), name, text, "file")
    elif _has_span(left) and _has_span(right):
        inner = f"{name}_enclosed"
        where = f" WHERE {relation.where}" if relation.where else ""
        chosen = f"SELECT * FROM {left.name}{where}"  # noqa: S608 - names and conditions of our own pages
        yield Step(inner + "_left", "project", (left.name,), inner + "_left", chosen, "file")
        yield Step(inner, "relate", (inner + "_left", right.name), inner,
                   _NORMALIZE + "enclosing.innermost", "file", "kernel")  # fmt: skip
        text = _select(_without_where(relation), inner, "", "file_no")
        yield Step(name, "relate", (inner,), name, text, "file")
    else:
        msg = f"relation {name}: {left.name} and {right.name} share neither a key nor spans"
        raise CompileError(msg, relation=name)


def _one_table(relation: Relation) -> str:
    return _select(relation, relation.left, "", "file_no")


def _without_where(relation: Relation) -> Relation:
    return msgspec.structs.replace(relation, where="")


def _select(relation: Relation, source: str, prefix: str, file_no: str) -> str:
    """Write the one projection that every relation ends in."""
    anchor = relation.anchor if relation.anchor.startswith("r.") else prefix + relation.anchor
    if relation.grouped:
        first = f"min((CAST({anchor}bstart AS BIGINT) << 32) | {anchor}bend)"
        span = (f"CAST({first} >> 32 AS INT)", f"CAST({first} & 4294967295 AS INT)")
        count = "CAST(count(*) AS INT)"
        group = f"\nGROUP BY {file_no}, {relation.src.column}, {relation.dst.column}"
    else:
        span, count, group = (f"{anchor}bstart", f"{anchor}bend"), relation.count, ""
    where = f"\nWHERE {relation.where}" if relation.where else ""
    facts = ", ".join(
        f"CAST({getattr(relation, fact)} AS {kind}) AS {fact}"
        for fact, kind in (("role", "VARCHAR"), ("field", "VARCHAR"), ("index", "INT"),
                           ("keyword", "VARCHAR"), ("reason", "VARCHAR"))
    )  # fmt: skip
    return (
        f"SELECT '{relation.edge}' AS kind, {file_no} AS file_no,\n"
        f"       {_end(relation.src, 'src')}, {_end(relation.dst, 'dst')},\n"
        f"       {span[0]} AS bstart, {span[1]} AS bend, {relation.method} AS method,\n"
        f"       '{relation.sources}' AS sources, {facts},\n       CAST({count} AS INT) AS count\n"
        f"FROM {source}{where}{group}"
    )


def _end(end: End, name: str) -> str:
    if end.space not in SPACES:
        raise CompileError(f"no space {end.space!r}; there are {SPACES}", space=end.space)
    return f"CAST({end.column} AS INT) AS {name}, '{end.space}' AS {name}_space"


def _table(name: str, table: str) -> Table:
    if table not in _TABLES:
        msg = f"relation {name}: {table!r} has no declared columns to infer a join from"
        raise CompileError(msg, relation=name, table=table)
    return _TABLES[table]


def _equal_keys(left: Table, right: Table) -> list[tuple[str, str]] | None:
    """Find the right table's key on the left by semantic type; None if a part is missing."""
    pairs: list[tuple[str, str]] = []
    for name in right.key:
        sem = right.column(name).sem
        same = [c for c in left.columns if sem and c.sem == sem]
        chosen = [c for c in same if c.name == name] or same
        if len(chosen) != 1:
            return None
        pairs.append((chosen[0].name, name))
    return pairs


def _has_span(table: Table) -> bool:
    spans: set[str] = {c.name for c in table.columns if _is_span(c)}
    return {"bstart", "bend"} <= spans


def _is_span(column: Column) -> bool:
    return column.sem in ("bstart", "bend")


def _facts() -> Iterator[Step]:
    """Turn columns of evidence into rows of `props`."""
    names: list[str] = []
    for prop in nodes.PROPS:
        space = "scope" if prop.node == "scope" else "node"
        if prop.table == "ast_annotations":
            space = "annotation"
        name = f"fact_{prop.key}"
        names.append(name)
        text = (
            f"SELECT file_no, {prop.node} AS local, '{space}' AS space, '{prop.key}' AS key,\n"
            f"       '{prop.type}' AS type, CAST({prop.column} AS VARCHAR) AS value\n"
            f"FROM {prop.table} WHERE {prop.column} IS NOT NULL"
        )
        if prop.type == "bool":
            text += f" AND {prop.column}"
        if prop.table == "ast_nodes":
            text += " AND kind NOT IN ('Name', 'Attribute', 'alias')"
        yield Step(name, "project", (prop.table,), name, text, "file")
    reads = ("places", "files", *names)
    yield Step("props", "union", reads, "props", _NORMALIZE + "facts.props", "file", "kernel")


def _stored() -> Iterator[Step]:
    """Tables that other files' meanings are found in, with nodes for numbers."""
    for table, reads in _STORED.items():
        function = _NORMALIZE + f"linkable.{table}"
        yield Step(table, "project", reads, table, function, "file", "kernel")


_STORED = {
    "bindings": ("places", "files", "bound", "ast_defs", "ast_params"),
    "declared": ("places", "files", "resolved", "ast_defs"),
    "bases": ("places", "files", "ast_bases", "resolved", "missing"),
    "open_names": ("places", "files", "missing"),
    "import_nodes": ("places", "files", "ast_imports"),
    "step_nodes": (
        "places",
        "files",
        "ast_nodes",
        "value_bodies",
        "value_steps",
        "ast_calls",
        "ast_args",
        "ast_decorators",
    ),
    "class_attributes": ("places", "files", "instance_attributes", "bound", "ast_defs"),
}


def _program() -> Iterator[Step]:
    """Show the stages that need all files, a step each: their edges are found together."""
    named = {p.text for _, parts in _declared() for p in parts if isinstance(p, Program)}
    for text in sorted(named - _PROGRAMS.keys()):
        msg = f"no stage runs {text}; there are {', '.join(_PROGRAMS)}"
        raise CompileError(msg, function=text)
    for text, (writes, reads) in _PROGRAMS.items():
        yield Step(writes, "relate", reads, writes, text, "program", "kernel")


_PROGRAMS = {
    "codeanatomy.cpg.link.link.link": (
        "linked",
        ("files", "file_lines", "modules", "bindings", "declared", "bases", "open_names",
         "import_nodes", "ast_imports", "ast_exports"),
    ),
    "codeanatomy.cpg.link.symbols.link_symbols": (
        "indexed",
        ("nodes", "edges", "files", "file_lines", "ast_defs", "ast_attributes",
         "scip_occurrences", "scip_symbols", "scip_relationships"),
    ),
    "codeanatomy.cpg.resolve.resolve.resolve": (
        "called",
        ("linked", "nodes", "files", "file_lines", "modules", "bindings", "step_nodes",
         "class_attributes", "value_bodies", "value_steps", "ast_args"),
    ),
}  # fmt: skip
"""What finds edges between files: each function with the table it writes and those it reads."""
