"""Every kind of node and the tables that hold them, on one page: what things are."""

from __future__ import annotations

import msgspec

from codeanatomy.cpg.evidence import EXTRACTORS
from codeanatomy.kernel.schema import Column, Table
from codeanatomy.store.numbers import NUMBERS

# fmt: off
LAYERS = ("containment", "syntax", "names", "classes", "types", "calls", "flow", "bytecode",
          "scip", "diagnostics")
DEFAULT_LAYERS = ("containment", "syntax", "names", "classes", "types", "calls", "diagnostics")
OFFERED_LAYERS = (*DEFAULT_LAYERS, *(e.layer for e in EXTRACTORS if e.layer))
"""The layers that a build can make: the usual ones, and those that evidence on request fills."""



class NodeKind(msgspec.Struct, frozen=True):
    """One kind of node.

    `layer` decides whether it is built and in which reserved range its number lies; `syntax` lists
    the classes of Python's `ast` that become it; `identity` says what makes its `node_id`: its
    qualified name or its span. `absent` says why no build makes it yet.
    """

    name: str
    layer: str
    meaning: str
    syntax: tuple[str, ...] = ()
    identity: str = "span"
    absent: str = ""


NONE_SEEN = "nothing of the kind is in these files"
"""Why something is absent that was looked for: an empty answer about it is the true one."""

_LATER = {
    "flow": "control flow is not analysed by this version",
    "bytecode": "bytecode stays evidence: see the tables `instructions` and `code_units`",
}

NODES = (
    NodeKind("repository", "containment", "A repository: the root of one build.", identity="name"),
    NodeKind("directory", "containment", "A folder that holds selected files.", identity="name"),
    NodeKind("package", "containment", "A folder that can be imported, with or without "
             "`__init__`.", identity="name"),
    NodeKind("file", "containment", "A file that was read; a notebook's cell is a file."),
    NodeKind("module", "containment", "What a file is when it is imported.", ("Module",), "name"),
    NodeKind("class", "containment", "A class statement.", ("ClassDef",), "name"),
    NodeKind("function", "containment", "A function statement outside a class body.",
             ("FunctionDef", "AsyncFunctionDef"), "name"),
    NodeKind("method", "containment", "A function statement in a class body.", (), "name"),
    NodeKind("lambda", "containment", "A lambda expression.", ("Lambda",), "name"),
    NodeKind("parameter", "names", "A parameter of a function or lambda.", ("arg",), "name"),
    NodeKind("variable", "names", "A name bound in a scope, where no single definition is what it "
             "means.", identity="name"),
    NodeKind("attribute", "names", "A name bound in a class body, or set on `self` in a method.",
             identity="name"),
    NodeKind("import", "names", "One name of an import statement.", ("alias",)),
    NodeKind("type parameter", "names", "A type parameter of a class, function or alias.",
             ("TypeVar", "ParamSpec", "TypeVarTuple"), "name"),
    NodeKind("type alias", "names", "A `type` statement.", ("TypeAlias",)),
    NodeKind("scope", "names", "A scope, as the language reference means it.", identity="name"),
    NodeKind("reference", "names", "One occurrence of a name: read, written, deleted, or bound by "
             "a statement.", ("Name",)),
    NodeKind("call site", "names", "A call expression; in layer `calls` an implicit call: an "
             "operator, subscript, loop, `with`, `await`, property or decorator that runs code of "
             "these repositories, named after the method.", ("Call",)),
    NodeKind("argument", "syntax", "An argument passed by keyword, or a class keyword.",
             ("keyword",)),
    NodeKind("literal", "syntax", "A constant.", ("Constant",)),
    NodeKind("decorator", "names", "A decorator, from its `@`."),
    NodeKind("docstring", "names", "A docstring."),
    NodeKind("comment", "syntax", "A comment."),
    NodeKind("annotation", "names", "An annotation of a parameter, a return or a variable."),
    NodeKind("statement", "syntax", "A statement, or an `except` clause, of no kind above.", (
        "Return", "Delete", "Assign", "AugAssign", "AnnAssign", "For", "AsyncFor", "While", "If",
        "With", "AsyncWith", "Match", "Raise", "Try", "TryStar", "Assert", "Import", "ImportFrom",
        "Global", "Nonlocal", "Expr", "Pass", "Break", "Continue", "ExceptHandler")),
    NodeKind("expression", "syntax", "An expression of no kind above.", (
        "BoolOp", "NamedExpr", "BinOp", "UnaryOp", "IfExp", "Dict", "Set", "ListComp", "SetComp",
        "DictComp", "GeneratorExp", "Await", "Yield", "YieldFrom", "Compare", "FormattedValue",
        "JoinedStr", "TemplateStr", "Interpolation", "Attribute", "Subscript", "Starred", "List",
        "Tuple", "Slice")),
    NodeKind("pattern", "syntax", "A pattern of a `match` statement.", (
        "MatchValue", "MatchSingleton", "MatchSequence", "MatchMapping", "MatchClass", "MatchStar",
        "MatchAs", "MatchOr")),
    NodeKind("block", "flow", "A basic block.", absent=_LATER["flow"]),
    NodeKind("entry", "flow", "Where a definition's code starts.", absent=_LATER["flow"]),
    NodeKind("exit", "flow", "Where a definition's code ends.", absent=_LATER["flow"]),
    NodeKind("code unit", "bytecode", "A code object.", absent=_LATER["bytecode"]),
    NodeKind("instruction", "bytecode", "A bytecode instruction.", absent=_LATER["bytecode"]),
    NodeKind("symbol", "scip", "A symbol of a SCIP index.", identity="name"),
    NodeKind("external module", "names", "A module outside the repositories of this store.",
             identity="name"),
    NodeKind("external symbol", "names", "A name taken from an external module.",
             identity="name"),
    NodeKind("builtin", "names", "A name of the module `builtins`.", identity="name"),
    NodeKind("type", "types", "A type, by its text in normal form, such as `list[shop.Item]`.",
             identity="name"),
    NodeKind("diagnostic", "diagnostics", "Something that an extractor could not do."),
    NodeKind("unresolved", "diagnostics", "A name, import or base whose target is not known."),
)

SHARED = "*"
REPO = Column("repo", "string", "the repository's name in this store; `*` for what all share",
              sem="repo")
REACH = Column("reach", "string", "file: decided from one file alone; program: needs others")
NODES_TABLE = Table(
    "nodes", "What there is: one row a thing.", "nodes", ("nid",),
    (
        Column("node_id", "binary", "128-bit hash of repo, path, kind, qualified name or span, and "
               "a count of equals: the same in every store; shown as 32 hex digits"),
        Column("nid", "int64", "`file_no << 32 | ordinal`: what edges join on", sem="nid"),
        Column("kind", "string", "one of the node kinds"),
        Column("name", "string", "its own name; its text where it has none", nullable=True),
        Column("qualified_name", "string", "module's dotted name, the names of the definitions "
               "around it and its own", nullable=True),
        Column("path", "string", "file or folder below the repository root", nullable=True),
        Column("bstart", "int32", "first byte of its span", nullable=True),
        Column("bend", "int32", "byte after its span", nullable=True),
        Column("line", "int32", "line of its first byte, from 1", nullable=True),
        Column("column", "int32", "byte of that line, from 0", nullable=True),
        Column("syntax", "string", "its class in Python's `ast`, if it is a node of that tree",
               nullable=True),
        Column("layer", "string", "the layer it belongs to"),
        Column("sources", "string", "the evidence that saw it, joined by commas"),
        Column("file_no", "int32", "its file's number in this store; 0 is none", sem="file"),
        REPO, REACH,
    ),
    ("repo", "reach"),
)
PROPS_TABLE = Table(
    "props", "Facts of nodes that are no column: one row a fact.", "nodes", ("nid", "key"),
    (
        Column("nid", "int64", "the node", sem="nid"),
        Column("key", "string", "what the fact is about"),
        Column("type", "string", "string, int or bool: how to read the value"),
        Column("value", "string", "the value, as text"),
        REPO, REACH,
    ),
    ("repo", "reach"),
)


class Prop(msgspec.Struct, frozen=True):
    """One key of `props`: a column of an evidence table that becomes facts of its nodes."""

    key: str
    type: str
    table: str
    node: str
    column: str
    meaning: str


PROPS = (
    Prop("value", "string", "ast_nodes", "node", "value", "A literal's value, an operator's name, "
         "or the dots of a relative import."),
    Prop("parameter_kind", "string", "ast_params", "node", "kind", "How a parameter is passed."),
    Prop("position", "int", "ast_params", "node", "position", "A parameter's place, from 0."),
    Prop("is_async", "bool", "ast_defs", "node", "is_async", "Whether a function is `async`."),
    Prop("is_generator", "bool", "ast_defs", "node", "is_generator", "Whether a body yields."),
    Prop("callee", "string", "ast_calls", "node", "text", "A call site's callee, as dotted text."),
    Prop("callee_shape", "string", "ast_calls", "node", "shape", "What kind of expression it is."),
    Prop("docstring", "string", "ast_docstrings", "owner", "text", "A definition's docstring."),
    Prop("annotation_role", "string", "ast_annotations", "node", "role", "What is annotated."),
    Prop("import_guard", "string", "ast_imports", "node", "guard", "What an import depends on."),
    Prop("scope_kind", "string", "ast_scopes", "scope", "kind", "What opens a scope."),
)

TABLES = (PROPS_TABLE, NUMBERS)
BY_NAME = {kind.name: kind for kind in NODES}
