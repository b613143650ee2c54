"""What the evidence is about: derived tables, and which rows of which tables become nodes."""

from __future__ import annotations

from codeanatomy.cpg.evidence import FILE, REPO
from codeanatomy.cpg.views import Derive, Entity
from codeanatomy.kernel.schema import Column, Table


# fmt: off
def _c(name: str, kind: str, meaning: str, sem: str = "") -> Column:
    """Declare a column; a trailing `?` on the type makes it nullable."""
    return Column(name, kind.rstrip("?"), meaning, kind.endswith("?"), sem)


SPAN = (_c("bstart", "int32", "first byte of the span", "bstart"),
        _c("bend", "int32", "byte after the span", "bend"))

MODULES = Table(
    "modules", "One file as a module: its dotted name, and where imports look for it.", "modules",
    ("file_no",),
    (REPO, FILE,
     _c("module", "string", "dotted name; that of the folder for `__init__`"),
     _c("package", "bool", "whether it is a package's `__init__`"),
     _c("stub", "bool", "whether it is a stub, `.pyi`"),
     _c("root", "string", "the import root it lies in, below the repository root"),
     _c("importable", "bool", "whether its path can be written as a dotted name"),
     _c("nid", "int64", "the module's node", "nid")),
    ("repo",),
)
BINDINGS = Table(
    "bindings", "One name bound in one scope, and the one node that it means.", "bindings",
    ("file_no", "scope", "name"),
    (REPO, FILE,
     _c("scope", "int32", "the scope it is bound in; 0 is the module's", "scope"),
     _c("name", "string", "the name after mangling", "name"),
     _c("nid", "int64", "the definition, import, parameter or variable it means", "nid"),
     _c("node", "int32?", "that node's number in the tree; null for a variable", "node"),
     _c("kind", "string", "that node's kind"),
     _c("opens", "int32?", "the scope that node opens, when it is a class or function"),
     _c("givers", "int32", "how many statements give it a value"), *SPAN),
    ("repo",),
)
DECLARED = Table(
    "declared", "One import, class or function that is one of several givers of a name.",
    "declared", ("nid",),
    (REPO, FILE, _c("nid", "int64", "the import, class or function", "nid"),
     _c("scope", "int32", "the scope it binds in", "scope"),
     _c("name", "string", "the name after mangling", "name"),
     _c("kind", "string", "import, class, function or method"),
     _c("opens", "int32?", "the scope it opens, when it is a class or function")),
    ("repo",),
)
BASES = Table(
    "bases", "One base or metaclass of a class, with what its first name means.", "bases",
    ("nid", "bstart"),
    (REPO, FILE, _c("nid", "int64", "the class", "nid"),
     _c("position", "int32?", "place among the bases, from 0"),
     _c("keyword", "string?", "`metaclass`, when it is one"),
     _c("text", "string", "the expression as dotted text, subscripts as `[]`"),
     _c("root", "int64?", "what its first name means in this file: a definition, import, "
        "variable or builtin", "nid"),
     _c("starred", "bool", "whether only a star import can bind its first name"), *SPAN),
    ("repo",),
)
IMPORT_NODES = Table(
    "import_nodes", "One imported name and its node.", "import_nodes", ("nid",),
    (REPO, FILE, _c("node", "int32", "the import, numbered within its file", "node"),
     _c("nid", "int64", "its node", "nid")),
    ("repo",),
)
OPEN_NAMES = Table(
    "open_names", "One name that only a star import of its module can bind.", "open_names",
    ("nid",),
    (REPO, FILE, _c("nid", "int64", "the reference", "nid"),
     _c("owner", "int64", "the definition whose code it is part of", "nid"),
     _c("name", "string", "the name", "name"),
     _c("class", "string", "its class in its scope"), _c("role", "string", "how it is used"),
     *SPAN),
    ("repo",),
)
STEP_NODES = Table(
    "step_nodes", "One syntax node that resolution speaks of, and its node in the graph.",
    "step_nodes", ("file_no", "node", "kind"),
    (REPO, FILE, _c("node", "int32", "the syntax node, numbered within its file", "node"),
     _c("nid", "int64", "its node", "nid"), *SPAN,
     _c("kind", "string", "its class in Python's `ast`; `@` for the application of a decorator"),
     _c("name_bstart", "int32", "first byte of the identifier that stands for it"),
     _c("name_bend", "int32", "byte after that identifier")),
    ("repo",),
)
CLASS_ATTRIBUTES = Table(
    "class_attributes", "One attribute that a class body binds, or a method sets on `self`.",
    "class_attributes", ("nid",),
    (REPO, FILE, _c("node", "int32", "the class, numbered within its file", "node"),
     _c("name", "string", "the name after mangling", "name"),
     _c("nid", "int64", "the attribute's node", "nid"), *SPAN),
    ("repo",),
)
MEANINGS = Table(
    "meanings", "One occurrence of a name with its class, and the scope that binds it.",
    "meanings", ("file_no", "occurrence"),
    (FILE, _c("occurrence", "int32", "the occurrence", "occurrence"),
     _c("node", "int32", "the syntax node that carries it", "node"),
     _c("at", "int32", "the scope it stands in"),
     _c("owner", "int32", "the definition whose code it is part of"),
     _c("scope", "int32", "the scope whose binding it means", "scope"),
     _c("name", "string", "the name after mangling", "name"),
     _c("text", "string", "as written"), _c("role", "string", "how it is used"),
     _c("implicit", "bool", "whether no `Name` node stands for it"),
     _c("class", "string", "local, cell, free, explicit_global or implicit_global"), *SPAN),
)
BOUND = Table(
    "bound", "One name bound in one scope of a file.", "bound", ("file_no", "scope", "name"),
    (FILE, _c("scope", "int32", "the scope", "scope"), _c("name", "string", "the name", "name"),
     _c("binding", "int32", "numbered within the file, in order of first place", "binding"),
     _c("node", "int32?", "the one node it means, if there is one", "node"),
     _c("givers", "int32", "how many statements give it a value"),
     _c("scope_kind", "string", "what opened the scope"),
     _c("qualname", "string", "the definitions around it, dotted"), *SPAN),
)

CAPTURED = Table(
    "captured", "One name that a scope takes from a function around it.", "captured",
    ("file_no", "at", "name"),
    (FILE, _c("at", "int32", "the scope that uses it"),
     _c("scope", "int32", "the scope that binds it", "scope"),
     _c("name", "string", "the name after mangling", "name")),
)
TOLERANT = Table(
    "tolerant", "One thing that only the tolerant tree shows.", "tolerant", ("file_no", "capture"),
    (FILE, _c("capture", "int32", "numbered within the file"), _c("kind", "string", "what it is"),
     _c("name", "string?", "its name or text"), *SPAN,
     _c("alone", "bool", "whether Python cannot parse the file")),
)

JOINED = (MEANINGS, BOUND, CAPTURED, TOLERANT)

TABLES = STORED = (MODULES, BINDINGS, DECLARED, BASES, IMPORT_NODES, OPEN_NAMES, STEP_NODES,
                   CLASS_ATTRIBUTES)

_NORMALIZE = "codeanatomy.cpg.normalize."
DERIVED = (
    Derive("symbols", ("ast_scopes", "scopes", "scope_symbols"), _NORMALIZE + "scopes.align",
           "kernel", "normalize"),
    Derive("meanings", ("ast_names", "symbols", "ast_scopes"), """
SELECT n.file_no, n.occurrence, n.node, n.scope AS at, c.owner, n.name, n.text, n.role, n.implicit,
       CAST(COALESCE(s.owner, 0) AS INT) AS scope, COALESCE(s.class, 'implicit_global') AS class,
       n.bstart, n.bend
FROM ast_names n
JOIN ast_scopes c ON n.file_no = c.file_no AND n.scope = c.scope
LEFT JOIN symbols s ON n.file_no = s.file_no AND n.scope = s.scope AND n.name = s.name
WHERE n.role <> 'star'"""),
    # The targets of annotations without a value: they are bound, and nothing is given to them.
    Derive("bare", ("ast_nodes",), """
SELECT a.file_no, CAST(a.node + 1 AS INT) AS node
FROM ast_nodes a
LEFT ANTI JOIN (SELECT file_no, parent FROM ast_nodes WHERE field = 'value') v
  ON a.file_no = v.file_no AND a.node = v.parent
WHERE a.kind = 'AnnAssign'"""),
    Derive("bound", ("meanings", "bare", "ast_scopes", "ast_defs"), """
SELECT b.file_no, b.scope, b.name, CAST(row_number() OVER (
         PARTITION BY b.file_no ORDER BY b.place, b.name, b.scope) - 1 AS INT) AS binding,
       CASE WHEN b.parameter IS NOT NULL THEN b.parameter
            WHEN b.givers = 1 THEN b.declaration END AS node,
       CAST(b.givers AS INT) AS givers, s.kind AS scope_kind, d.qualname,
       CAST(b.place >> 32 AS INT) AS bstart, CAST(b.place & 4294967295 AS INT) AS bend
FROM (SELECT m.file_no, m.scope, m.name,
             count(*) FILTER (WHERE m.role <> 'delete' AND w.node IS NULL) AS givers,
             min(m.node) FILTER (WHERE m.role IN ('parameter', 'type_parameter')) AS parameter,
             min(m.node) FILTER (WHERE m.role IN ('function', 'class', 'import')) AS declaration,
             min((CAST(m.bstart AS BIGINT) << 32) | m.bend) AS place
      FROM meanings m LEFT JOIN bare w ON m.file_no = w.file_no AND m.node = w.node
      WHERE m.role NOT IN ('load', 'global', 'nonlocal') AND m.class <> 'implicit_global'
        AND NOT (m.name = '__class__' AND m.class = 'free')
        AND NOT (w.node IS NOT NULL AND m.class = 'explicit_global')
      GROUP BY m.file_no, m.scope, m.name) b
JOIN ast_scopes s ON b.file_no = s.file_no AND b.scope = s.scope
JOIN ast_defs d ON s.file_no = d.file_no AND s.owner = d.node"""),
    Derive("resolved", ("meanings", "bound", "ast_defs", "starred", "bare"), """
SELECT m.file_no, m.occurrence, m.node, m.at, m.owner, m.name, m.role, m.implicit, m.class,
       m.bstart, m.bend, m.scope, b.binding, b.node AS meant,
       CASE WHEN b.binding IS NULL AND m.class IN ('free', 'local', 'cell') THEN d.node
            END AS class_node,
       s.file_no IS NOT NULL AS starred, w.node IS NOT NULL AS bare
FROM meanings m
LEFT JOIN bound b ON m.file_no = b.file_no AND m.scope = b.scope AND m.name = b.name
  AND NOT (m.name = '__class__' AND m.class = 'free' AND b.scope_kind = 'class')
LEFT JOIN ast_defs d ON m.name = '__class__' AND d.kind = 'class' AND m.file_no = d.file_no
  AND m.scope = d.scope
LEFT JOIN starred s ON m.file_no = s.file_no
LEFT JOIN bare w ON m.file_no = w.file_no AND m.node = w.node"""),
    # An augmented assignment evaluates its target, the node after it, before it binds it.
    Derive("read", ("resolved", "ast_nodes"), """
SELECT file_no, owner, binding, bstart, bend FROM resolved
WHERE binding IS NOT NULL AND role = 'load'
UNION ALL
SELECT r.file_no, r.owner, r.binding, r.bstart, r.bend
FROM resolved r JOIN ast_nodes a ON r.file_no = a.file_no AND r.node = a.node + 1
WHERE r.binding IS NOT NULL AND r.role = 'store' AND a.kind = 'AugAssign'"""),
    Derive("captured", ("symbols",), """
SELECT file_no, scope AS at, owner AS scope, name FROM symbols WHERE class = 'free'"""),
    Derive("shadowed", ("ast_scopes", "bound"), _NORMALIZE + "shadows.shadowed", "kernel"),
    Derive("starred", ("ast_imports",),
           "SELECT DISTINCT file_no FROM ast_imports WHERE star"),
    Derive("missing", ("resolved", "builtin_names", "scopes"), """
SELECT r.file_no, r.occurrence, r.owner, r.name, r.role, r.bstart, r.bend, g.ordinal AS builtin,
       CASE WHEN k.file_no IS NULL THEN 'unknown' ELSE r.class END AS class,
       r.starred AND k.file_no IS NOT NULL AS starred,
       CASE WHEN k.file_no IS NULL THEN 'no_symbols'
            WHEN r.starred THEN 'star_import' WHEN g.ordinal IS NOT NULL THEN 'builtin'
            WHEN r.name IN ('__file__', '__path__', '__cached__', '__builtins__',
              '__annotations__', '__module__', '__qualname__', '__firstlineno__',
              '__static_attributes__', '__dict__', '__classdict__') THEN 'interpreter'
            ELSE 'undefined' END AS reason
FROM resolved r LEFT JOIN builtin_names g ON r.name = g.name
LEFT JOIN (SELECT file_no FROM scopes WHERE scope = 0) k ON r.file_no = k.file_no
WHERE r.binding IS NULL AND r.class_node IS NULL"""),
    Derive("instance_attributes", ("ast_attributes", "bound", "ast_defs"), """
SELECT a.file_no, a.owner, a.name, d.qualname, CAST(row_number() OVER (
         PARTITION BY a.file_no ORDER BY a.place, a.name) - 1 AS INT) AS attribute,
       CAST(a.place >> 32 AS INT) AS bstart, CAST(a.place & 4294967295 AS INT) AS bend
FROM (SELECT file_no, self_class AS owner, name,
             min((CAST(name_bstart AS BIGINT) << 32) | name_bend) AS place
      FROM ast_attributes WHERE role = 'store' AND self_class IS NOT NULL
      GROUP BY file_no, self_class, name) a
JOIN ast_defs d ON a.file_no = d.file_no AND a.owner = d.node
LEFT ANTI JOIN bound b ON a.file_no = b.file_no AND d.scope = b.scope AND a.name = b.name"""),
    Derive("tolerant", ("ts_captures", "unparsed"), """
SELECT c.file_no, CAST(row_number() OVER (
         PARTITION BY c.file_no ORDER BY c.bstart, c.bend DESC, c.capture) - 1 AS INT) AS capture,
       c.capture AS kind, c.name, c.bstart, c.bend, u.file_no IS NOT NULL AS alone
FROM ts_captures c LEFT JOIN unparsed u ON c.file_no = u.file_no
WHERE c.capture = 'comment'
   OR (u.file_no IS NOT NULL AND c.capture IN ('function', 'class', 'call', 'import'))"""),
    Derive("suspended", ("ast_nodes", "ast_scopes"), """
SELECT p.file_no, s.owner, CAST(COALESCE(c.node, p.node) AS INT) AS node, p.verb,
       CASE WHEN c.node IS NULL THEN 'bare' ELSE p.role END AS role,
       CASE WHEN p.whole THEN p.bstart ELSE c.bstart END AS bstart,
       CASE WHEN p.whole THEN p.bend ELSE c.bend END AS bend
FROM (SELECT file_no, node, scope, bstart, bend, kind NOT IN ('AsyncFor', 'AsyncWith') AS whole,
             CASE WHEN kind LIKE 'Yield%' THEN 'yield' ELSE 'await' END AS verb,
             CASE kind WHEN 'YieldFrom' THEN 'from' WHEN 'AsyncFor' THEN 'for'
                       WHEN 'AsyncWith' THEN 'with' END AS role
      FROM ast_nodes
      WHERE kind IN ('Yield', 'YieldFrom', 'Await', 'AsyncFor', 'AsyncWith')) p
LEFT JOIN (SELECT file_no, node, parent, bstart, bend FROM ast_nodes
           WHERE field IN ('value', 'iter') OR field LIKE 'items[%].context_expr') c
  ON p.file_no = c.file_no AND p.node = c.parent
JOIN ast_scopes s ON p.file_no = s.file_no AND p.scope = s.scope"""),
    Derive("nested", ("tolerant",), _NORMALIZE + "enclosing.nested", "kernel"),
    Derive("unparsed", ("file_text", "files", "parsed"), """
SELECT t.file_no, CAST(0 AS INT) AS bstart, CAST(f.size AS INT) AS bend
FROM file_text t JOIN files f ON t.file_no = f.file_no
LEFT ANTI JOIN parsed p ON t.file_no = p.file_no"""),
    Derive("parsed", ("ast_nodes",), "SELECT file_no FROM ast_nodes WHERE node = 0"),
    Derive("troubles", ("extraction_errors", "files"), """
SELECT e.file_no, CAST(row_number() OVER (
         PARTITION BY e.file_no ORDER BY e.extractor, e.phase) - 1 AS INT) AS number,
       concat(e.extractor, ': ', e.error, ': ', e.message) AS text,
       CAST(0 AS INT) AS bstart, CAST(f.size AS INT) AS bend
FROM extraction_errors e JOIN files f ON e.file_no = f.file_no""", kind="diagnostic"),
    Derive("witnessed", ("syntax", "ts_captures", "scopes"), _NORMALIZE + "witnesses.witnessed",
           "kernel", "normalize"),
    Derive("syntax", ("ast_nodes", "ast_defs", "ast_docstrings", "ast_calls", "ast_scopes"),
           _NORMALIZE + "syntax.syntax", "kernel", "normalize"),
)

_OWN = "concat(qualname, CASE WHEN qualname = '' THEN '' ELSE '.' END, name)"
ENTITIES = (
    Entity("syntax", "witnessed", "node", "node", "(kind)", "name", "qualname", "index", "syntax",
           sources="(sources)"),
    Entity("module", "unparsed", "node", "0", "module", "NULL", "''", syntax="NULL",
           sources="repo"),
    Entity("reference", "ast_names", "occurrence", "occurrence", "reference", "text",
           where="implicit AND role <> 'star'"),
    Entity("scope", "ast_scopes", "scope", "scope", "scope", "name", sources="ast,symtable"),
    Entity("variable", "bound", "binding", "binding",
           "(CASE WHEN scope_kind = 'class' THEN 'attribute' ELSE 'variable' END)", "name", _OWN,
           sources="ast,symtable", where="node IS NULL"),
    Entity("attribute", "instance_attributes", "attribute", "attribute", "attribute", "name", _OWN),
    Entity("decorator", "ast_decorators", "decorator", "node", "decorator", "text",
           index="position"),
    Entity("annotation", "ast_annotations", "annotation", "node", "annotation", "text"),
    Entity("tolerant", "nested", "capture", "capture",
           "(CASE WHEN kind = 'call' THEN 'call site' WHEN within = 'class' AND kind = 'function' "
           "THEN 'method' ELSE kind END)", "name",
           sources="tree_sitter"),
    Entity("diagnostic", "troubles", "error", "number", "diagnostic", "text", sources="scan"),
    Entity("unresolved", "missing", "unresolved", "occurrence", "unresolved", "name",
           sources="ast,symtable", where="reason IN ('undefined', 'interpreter', 'no_symbols')"),
)
