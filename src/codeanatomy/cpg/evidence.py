"""Every evidence table, on one page: what is observed. A table's `producer` names its file."""

from __future__ import annotations

import msgspec

from codeanatomy.kernel.schema import Column, Table

REPO = Column("repo", "string", "the repository's name in this store", sem="repo")
FILE = Column("file_no", "int32", "the file's number in this store; 0 is no file", sem="file")
SPAN = (
    Column("bstart", "int32", "first byte of the span, in the file as stored", sem="bstart"),
    Column("bend", "int32", "byte after the span", sem="bend"),
)


class Extractor(msgspec.Struct, frozen=True):
    """One producer of evidence from a file's bytes; one `on_request` runs where it is asked for.

    A `witness` is another program's reading of a whole repository: it runs once a build, and not
    in the workers. `layer` names a layer of the graph that only its rows can fill.
    """

    name: str
    meaning: str
    on_request: bool = False
    witness: bool = False
    layer: str = ""


# fmt: off
EXTRACTORS = (
    Extractor("repo", "How bytes read as text: codec, lines, newlines."),
    Extractor("ast", "Python's own syntax tree: definitions, names, calls, imports."),
    Extractor("values", "How values move: assignments, calls and flow, as steps over slots."),
    Extractor("symtable", "Python's own symbol table: scopes, and the class of every name."),
    Extractor("bytecode", "What the compiler makes of it: instructions, blocks, handlers."),
    Extractor("tree_sitter", "A tree that tolerates errors: the only syntax of a broken file."),
    Extractor("libcst", "Exact concrete syntax with its white space.", on_request=True),
    Extractor("scip", "A SCIP index: one that is there, or what `scip-python` makes.",
              on_request=True, witness=True, layer="scip"),
    Extractor("types", "What the type checker `pyrefly` says that calls run and expressions are.",
              on_request=True, witness=True),
)


def _c(name: str, kind: str, meaning: str, sem: str = "") -> Column:
    """Declare a column; a trailing `?` on the type makes it nullable."""
    return Column(name, kind.rstrip("?"), meaning, kind.endswith("?"), sem)


def _table(
    producer: str, name: str, meaning: str, key: tuple[str, ...], *columns: Column
) -> Table:
    return Table(name, meaning, producer, ("file_no", *key), (REPO, FILE, *columns), ("repo",))


NODE = _c("node", "int32", "the syntax node, numbered within its file", "node")
SCOPE = _c("scope", "int32", "the scope it is evaluated in; 0 is the module's", "scope")

FILES = _table(
    "repo", "files", "One selected file, as it was read.", (),
    _c("path", "string", "path below the repository root, with `/`; a notebook cell adds `#cellN`"),
    _c("sha256", "string", "hex digest of the bytes"),
    _c("size", "int64", "bytes"),
    _c("kind", "string", "source, stub, script or cell"),
    _c("encoding", "string?", "the codec its bytes are text in; null when they are not text"),
    _c("newline", "string?", "lf, crlf, cr, mixed or none"),
    _c("bom", "bool", "whether the file opens with a byte order mark"),
    _c("lines", "int32", "number of lines"),
    _c("generated", "bool", "whether its head says that a program wrote it"),
    _c("skipped", "string?", "why it was selected and yet not read; null when it was read"),
)
FILE_TEXT = _table(
    "repo", "file_text", "How one file's bytes read as text.", (),
    _c("encoding", "string?", "the codec; null when the bytes do not decode"),
    _c("newline", "string", "lf, crlf, cr, mixed or none"),
    _c("bom", "bool", "whether the file opens with a byte order mark"),
    _c("lines", "int32", "number of lines"),
    _c("generated", "bool", "whether its head says that a program wrote it"),
)
FILE_LINES = _table(
    "repo", "file_lines", "One line of one file.", ("line",),
    _c("line", "int32", "line number, from 1", "line"), *SPAN,
    _c("newline", "string", "lf, crlf, cr or none: what ends it (the span leaves it out)"),
)
SELECTION = Table(
    "selection", "One path that was met, and whether it became part of the build.", "repo",
    ("repo", "path"),
    (
        REPO,
        _c("path", "string", "path below the repository root"),
        _c("included", "bool", "whether it was read"),
        _c("reason", "string", "why: python, glob, git-ignored, too large, not text, symlink ..."),
    ),
    ("repo",),
)
BUILD_INPUTS = Table(
    "build_inputs", "One file as the machine showed it when it was read; no two builds need agree.",
    "repo", ("repo", "path"),
    (
        REPO,
        _c("path", "string", "path below the repository root"),
        _c("size", "int64", "bytes"),
        _c("mtime_ns", "int64", "when it was last changed, nanoseconds"),
        _c("inode", "int64", "the file system's number for it"),
        _c("sha256", "string?", "hex digest of its bytes; null when they could not be read"),
        _c("settled", "bool", "whether it was older than the build: its time can be trusted"),
    ),
    ("repo",),
)
AST_NODES = _table(
    "ast", "ast_nodes", "One node of the abstract syntax tree that has a position.", ("node",),
    NODE,
    _c("parent", "int32?", "the nearest node above it that has a position", "node"),
    _c("field", "string", "the way down from that parent: `body`, `args.args`, `cases[0].guard`"),
    _c("index", "int32?", "place in that field when the field is a list"),
    _c("kind", "string", "class name in Python's `ast`"),
    _c("name", "string?", "identifier it carries: a name, attribute, keyword, definition ..."),
    _c("value", "string?", "constant (as Python writes it, shortened), operator, or context"),
    _c("scope", "int32", "the scope it is evaluated in; 0 is the module's", "scope"),
    *SPAN,
    _c("exact", "bool", "whether the span is exact; false: the interpreter gives a coarser one"),
    _c("span_source", "string", "who gave the span: ast, or tree_sitter where ast is coarse"),
)
AST_SCOPES = _table(
    "ast", "ast_scopes", "One scope, as the syntax tree opens it.", ("scope",), SCOPE,
    _c("parent", "int32?", "the scope around it", "scope"),
    _c("kind", "string", "module, class, function, lambda, comprehension or type_parameters"),
    _c("name", "string", "the name Python gives it: `f`, `lambda`, `listcomp` ..."),
    _c("line", "int32", "the line Python gives it"),
    _c("node", "int32", "the syntax node that opens it", "node"),
    _c("owner", "int32", "the definition whose code runs in it", "node"), *SPAN,
)
AST_NAMES = _table(
    "ast", "ast_names", "One occurrence of an identifier that Python's scoping rules bind.",
    ("occurrence",),
    _c("occurrence", "int32", "numbered within the file", "occurrence"),
    _c("node", "int32", "the syntax node that carries it", "node"), SCOPE,
    _c("name", "string", "the name after mangling", "name"),
    _c("text", "string", "the name as an identifier, before mangling"),
    _c("role", "string", "load, store, delete, or the statement that binds it: import, star, "
       "function, class, parameter, except, pattern, global, nonlocal, type_parameter"),
    _c("implicit", "bool", "whether no `Name` node stands for it"),
    _c("annotation", "bool", "whether it stands in an annotation"), *SPAN,
)
AST_DEFS = _table(
    "ast", "ast_defs", "One definition: module, class, function or lambda.", ("node",), NODE,
    _c("kind", "string", "module, class, function or lambda"),
    _c("name", "string", "its name; `<lambda>`, `<lambda2>` ... for lambdas; empty for a module"),
    _c("qualname", "string", "names of the definitions around it and its own, joined by dots"),
    _c("parent", "int32?", "the definition around it", "node"),
    _c("parent_kind", "string?", "what that is"),
    _c("scope", "int32", "the scope it opens", "scope"),
    _c("owner", "int32", "the scope it is defined in", "scope"),
    _c("is_async", "bool", "whether it is an `async def`"),
    _c("is_generator", "bool", "whether its own body yields"),
    _c("name_bstart", "int32?", "first byte of its name", "bstart"),
    _c("name_bend", "int32?", "byte after its name", "bend"), *SPAN,
)
AST_IMPORTS = _table(
    "ast", "ast_imports", "One imported name of one import statement.", ("node",), NODE,
    _c("statement", "int32", "the statement", "node"), SCOPE,
    _c("kind", "string", "import or from"),
    _c("module", "string", "the module written, without leading dots; empty for `from . import`"),
    _c("name", "string?", "the name taken from it; null for `import m`"),
    _c("asname", "string?", "the alias"),
    _c("binds", "string?", "the name it binds; null for a star"),
    _c("level", "int32", "leading dots"),
    _c("star", "bool", "whether it is `*`"),
    _c("guard", "string", "none, try, type_checking, condition or function: what it depends on"),
    *SPAN,
)
AST_CALLS = _table(
    "ast", "ast_calls", "One call expression.", ("node",), NODE, SCOPE,
    _c("owner", "int32", "the definition whose code makes the call", "node"),
    _c("callee", "int32", "the called expression", "node"),
    _c("receiver", "int32?", "what stands before the last dot of the callee", "node"),
    _c("shape", "string", "name, attribute, call, subscript, lambda or other"),
    _c("text", "string", "the callee as dotted text; `()` and `[]` stand for what is between"),
    _c("name", "string?", "the callee's last identifier", "callee"),
    _c("callee_bstart", "int32?", "first byte of the callee's last identifier", "bstart"),
    _c("callee_bend", "int32?", "byte after it", "bend"), *SPAN,
)
AST_ARGS = _table(
    "ast", "ast_args", "One argument of one call.", ("node",),
    _c("node", "int32", "the argument: an expression, or the keyword node", "node"),
    _c("call", "int32", "the call", "node"),
    _c("position", "int32?", "place among the positional arguments, from 0"),
    _c("keyword", "string?", "the keyword it is passed by"),
    _c("star", "string", "empty, `*` or `**`"), *SPAN,
)
AST_PARAMS = _table(
    "ast", "ast_params", "One parameter of one function or lambda.", ("node",), NODE,
    _c("owner", "int32", "the function or lambda", "node"),
    _c("scope", "int32", "the scope it is bound in", "scope"),
    _c("name", "string", "its name, before mangling"),
    _c("kind", "string", "positional_only, positional, var_positional, keyword_only, var_keyword"),
    _c("position", "int32", "place in the signature, from 0"),
    _c("default", "int32?", "its default's expression", "node"),
    _c("annotation", "int32?", "its annotation's expression", "node"), *SPAN,
)
AST_DECORATORS = _table(
    "ast", "ast_decorators", "One decorator, from its `@`.", ("node",),
    _c("node", "int32", "the decorator's expression", "node"),
    _c("owner", "int32", "the decorated definition", "node"),
    _c("position", "int32", "place from the top, from 0"),
    _c("text", "string", "the expression as dotted text"), *SPAN,
)
AST_DOCSTRINGS = _table(
    "ast", "ast_docstrings", "One docstring.", ("node",),
    _c("node", "int32", "the string", "node"),
    _c("owner", "int32", "the definition it documents", "node"),
    _c("text", "string", "the text, as Python cleans it"), *SPAN,
)
AST_ANNOTATIONS = _table(
    "ast", "ast_annotations", "One annotation.", ("node",),
    _c("node", "int32", "the annotation's expression", "node"),
    _c("owner", "int32", "the parameter, function, or target it annotates", "node"),
    _c("role", "string", "parameter, return or variable"),
    _c("text", "string", "its source, shortened"), *SPAN,
)
AST_BASES = _table(
    "ast", "ast_bases", "One base or keyword of a class statement.", ("node",),
    _c("node", "int32", "the expression, or the keyword node", "node"),
    _c("owner", "int32", "the class", "node"),
    _c("position", "int32?", "place among the bases, from 0"),
    _c("keyword", "string?", "`metaclass` or another keyword"),
    _c("text", "string", "the expression as dotted text, subscripts left off"), *SPAN,
)
AST_ATTRIBUTES = _table(
    "ast", "ast_attributes", "One attribute access.", ("node",), NODE,
    _c("value", "int32", "what stands before the dot", "node"), SCOPE,
    _c("base", "string?", "what stands before the dot, as dotted text, when it is one"),
    _c("name", "string", "the attribute, after mangling"),
    _c("role", "string", "load, store or delete"),
    _c("owner", "int32", "the definition whose code makes the access", "node"),
    _c("self_class", "int32?", "the class, when the base is the first parameter of its method",
       "node"),
    _c("name_bstart", "int32", "first byte of the attribute's identifier", "bstart"),
    _c("name_bend", "int32", "byte after it", "bend"), *SPAN,
)
AST_EXPORTS = _table(
    "ast", "ast_exports", "One name that the module's `__all__` lists.", ("ordinal",),
    _c("ordinal", "int32", "numbered within the file"),
    _c("name", "string?", "the name; null where `__all__` is changed in a way only a run can tell"),
    _c("operation", "string", "assign, add or remove; from: `name` is a module whose `__all__` is "
       "added; list: `name` is a list that is added; dynamic"), *SPAN,
)
AST_ERRORS = _table(
    "ast", "ast_errors", "Why Python cannot parse a file.", (),
    _c("error", "string", "type of the error"),
    _c("message", "string", "what Python says"),
    _c("line", "int32?", "line, from 1"), _c("column", "int32?", "byte in that line, from 0"),
)
VALUE_BODIES = _table(
    "values", "value_bodies", "One body of code: a module, class, function or lambda.", ("body",),
    _c("body", "int32", "numbered within the file, the module first", "body"),
    _c("node", "int32", "the definition's node", "node"),
    _c("parent", "int32?", "the body around it", "body"),
    _c("kind", "string", "module, class, function or lambda"),
    _c("name", "string", "its name; empty for a module"),
    _c("cls", "int32?", "the class directly around a method", "body"),
    _c("slots", "int32", "how many slots its steps use, from 0"),
    _c("is_async", "bool", "whether it is an `async def`"),
    _c("is_generator", "bool", "whether its own code yields"),
    _c("reached", "bool", "whether a run can come to it: if not, it has no steps"),
)
VALUE_STEPS = _table(
    "values", "value_steps", "One step that moves a value; slots are numbers within the body.",
    ("step",),
    _c("body", "int32", "the body whose code does it", "body"),
    _c("step", "int32", "numbered within the file, body after body"),
    _c("op", "string", "what it does: const, copy, call, attr, outer, narrow ...; `bind` moves "
       "nothing: it says which slot a variable of the scope in `other` holds from there on"),
    _c("dst", "int32?", "the slot that it fills"),
    _c("src", "int32?", "the slot that it reads: a callee, an object, a value"),
    _c("other", "int32?", "a second slot, or the body, position or level that `op` calls for"),
    _c("name", "string?", "the attribute, variable, method, module or text it is about"),
    _c("args", "list<int32>", "further slots: arguments, bases, defaults, the value stored"),
    _c("names", "list<string>", "what each of `args` is passed as, or further texts"),
    _c("node", "int32?", "the syntax node that shows it", "node"),
)
SCOPES = _table(
    "symtable", "scopes", "One scope, as Python's own symbol table sees it.", ("scope",), SCOPE,
    _c("parent", "int32?", "the scope around it", "scope"),
    _c("kind", "string", "module, class, function, lambda, comprehension, annotation, "
       "type_parameters, type_alias or type_variable"),
    _c("name", "string", "the name Python gives it"),
    _c("line", "int32", "the line Python gives it"),
    _c("parameters", "list<string>", "names of its parameters"),
    _c("locals", "list<string>", "names it binds"),
    _c("globals", "list<string>", "names it takes from the module or builtins"),
    _c("nonlocals", "list<string>", "names it declares nonlocal"),
    _c("frees", "list<string>", "names it takes from a function around it"),
)
SCOPE_SYMBOLS = _table(
    "symtable", "scope_symbols", "One name in one scope.", ("scope", "name"), SCOPE,
    _c("name", "string", "the name after mangling", "name"),
    _c("class", "string", "local, cell, free, explicit_global or implicit_global"),
    _c("owner", "int32", "the scope whose binding it means; the module's for a global", "scope"),
    _c("referenced", "bool", "whether it is read"),
    _c("imported", "bool", "whether an import binds it"),
    _c("parameter", "bool", "whether it is a parameter"),
    _c("type_parameter", "bool", "whether it is a type parameter"),
    _c("global", "bool", "whether it is global, declared or not"),
    _c("declared_global", "bool", "whether a `global` statement names it"),
    _c("nonlocal", "bool", "whether a `nonlocal` statement names it"),
    _c("local", "bool", "whether it is local or a cell"),
    _c("annotated", "bool", "whether it is annotated"),
    _c("free", "bool", "whether it comes from a function around"),
    _c("assigned", "bool", "whether it is assigned"),
    _c("namespace", "bool", "whether a class or function statement binds it"),
    _c("annotation_only", "bool", "whether only annotations that Python skips mention it"),
)
CODE_UNITS = _table(
    "bytecode", "code_units", "One code object.", ("unit",),
    _c("unit", "int32", "numbered within the file, outermost first", "unit"),
    _c("parent", "int32?", "the unit whose constant it is", "unit"),
    _c("qualname", "string", "as the interpreter gives it"), _c("name", "string", "its name"),
    _c("argcount", "int32", "positional parameters"),
    _c("posonlyargcount", "int32", "positional-only parameters"),
    _c("kwonlyargcount", "int32", "keyword-only parameters"),
    _c("flags", "int32", "the interpreter's flags"),
    _c("varnames", "list<string>", "local names"), _c("freevars", "list<string>", "free names"),
    _c("cellvars", "list<string>", "names that inner functions use"),
    _c("first_line", "int32", "its first line"),
)
INSTRUCTIONS = _table(
    "bytecode", "instructions", "One bytecode instruction; offsets are not byte spans.",
    ("unit", "offset"), _c("unit", "int32", "the code object", "unit"),
    _c("offset", "int32", "bytes into the code, after extended arguments"),
    _c("opname", "string", "name of the operation"), _c("arg", "int32?", "argument, if it has one"),
    _c("value", "string?", "the name or short constant the argument stands for"),
    _c("line", "int32?", "line of the source"),
    _c("end_line", "int32?", "last line of the source"),
    _c("bstart", "int32?", "first byte of the source it was compiled from", "bstart"),
    _c("bend", "int32?", "byte after it", "bend"),
)
EXCEPTION_TABLE = _table(
    "bytecode", "exception_table", "One protected range of one code object.", ("unit", "start"),
    _c("unit", "int32", "the code object", "unit"),
    _c("start", "int32", "first offset protected"), _c("end", "int32", "offset after it"),
    _c("target", "int32", "where the handler starts"), _c("depth", "int32", "stack depth kept"),
    _c("lasti", "bool", "whether the offset is pushed"),
)
BLOCKS = _table(
    "bytecode", "blocks", "One basic block of one code object.", ("unit", "block"),
    _c("unit", "int32", "the code object", "unit"),
    _c("block", "int32", "numbered within the unit, in order of offset"),
    _c("start", "int32", "first offset"), _c("end", "int32", "offset after it"),
)
BLOCK_EDGES = _table(
    "bytecode", "block_edges", "One way from one basic block to another.",
    ("unit", "src", "dst", "kind"), _c("unit", "int32", "the code object", "unit"),
    _c("src", "int32", "the block left"), _c("dst", "int32", "the block entered"),
    _c("kind", "string", "next, jump, true, false or exception"),
)
TS_NODES = _table(
    "tree_sitter", "ts_nodes",
    "One named node of the error-tolerant tree; every one of them for a file that Python cannot "
    "parse, errors and missing tokens only for the others.",
    ("node",), _c("node", "int32", "numbered within the file, outermost first"),
    _c("parent", "int32?", "the node above it that is listed"),
    _c("kind", "string", "tree-sitter's name"), _c("field", "string?", "field of its parent"),
    _c("named", "bool", "whether the grammar names it"),
    _c("error", "bool", "whether it could not be parsed"),
    _c("missing", "bool", "whether the parser invented it"), *SPAN,
)
TS_CAPTURES = _table(
    "tree_sitter", "ts_captures", "One thing the tolerant tree shows.",
    ("capture", "bstart", "bend"),
    _c("capture", "string", "function, class, call, import, docstring, comment or decorator"),
    _c("name", "string?", "its name, callee or text, shortened"),
    _c("name_bstart", "int32?", "first byte of the name", "bstart"),
    _c("name_bend", "int32?", "byte after it", "bend"), *SPAN,
)
TS_STATS = _table(
    "tree_sitter", "ts_stats", "What the tolerant parser made of a file.", (),
    _c("errors", "int32", "error nodes"), _c("missing", "int32", "missing tokens"),
    _c("error_bytes", "int32", "bytes inside errors"),
)
CST_NODES = _table(
    "libcst", "cst_nodes", "One node of the exact concrete syntax.", ("node",),
    _c("node", "int32", "numbered within the file, outermost first"),
    _c("parent", "int32?", "the node above it"), _c("kind", "string", "LibCST's class"), *SPAN,
    _c("wbstart", "int32", "first byte, white space included", "bstart"),
    _c("wbend", "int32", "byte after it, white space included", "bend"),
)
CST_MANIFEST = _table(
    "libcst", "cst_manifest", "How LibCST read a file.", (),
    _c("encoding", "string", "the codec"), _c("indent", "string", "default indentation"),
    _c("newline", "string", "default newline, escaped"),
    _c("trailing_newline", "bool", "whether the file ends with one"),
    _c("future_imports", "list<string>", "names imported from `__future__`"),
)
SCIP_INDEX = Table(
    "scip_index", "The SCIP index that was read.", "scip", ("repo",),
    (
        REPO,
        _c("tool", "string", "the indexer that wrote it"),
        _c("version", "string", "that indexer's version, as it gives it"),
        _c("documents", "int32", "documents in it"),
        _c("foreign", "int32", "documents that are no file of this build: left out"),
        _c("stale", "int32", "documents that another text was indexed for: left out"),
        _c("position_encoding", "string", "utf-8, utf-16 or utf-32: the unit of its characters, "
           "where documents do not say"),
    ),
    ("repo",),
)
SCIP_DOCUMENTS = _table(
    "scip", "scip_documents", "One file as a SCIP index has it.", (),
    _c("language", "string", "as the index names it"),
    _c("position_encoding", "string", "utf-8, utf-16 or utf-32: the unit of its characters"),
    _c("encoding_given", "bool", "whether the document says so; else the names in the text do"),
    _c("occurrences", "int32", "occurrences in it"),
    _c("outside", "int32", "occurrences whose range is not in the file: left out"),
    _c("definitions", "int32", "definitions whose symbol has a name to compare the text with"),
    _c("mismatches", "int32", "those of which the text is another"),
    _c("stale", "bool", "whether too many are: then none of its occurrences is here"),
)
SCIP_OCCURRENCES = _table(
    "scip", "scip_occurrences", "One place where a symbol occurs.", ("occurrence",),
    _c("occurrence", "int32", "numbered within the document", "occurrence"),
    _c("symbol", "string", "the symbol, as SCIP writes it"),
    _c("roles", "int32", "sum of: definition 1, import 2, write 4, read 8, generated 16, test 32, "
       "forward definition 64"),
    _c("syntax_kind", "int32", "SCIP's number for how to show it; 0 is not said"), *SPAN,
    _c("enclosing_bstart", "int32?", "first byte of the enclosing range, if one is given",
       "bstart"),
    _c("enclosing_bend", "int32?", "byte after it", "bend"),
)
SCIP_SYMBOLS = _table(
    "scip", "scip_symbols", "What the index says of one symbol; file 0 for one defined elsewhere.",
    ("symbol",),
    _c("symbol", "string", "the symbol, as SCIP writes it"),
    _c("display_name", "string?", "its name for people"),
    _c("kind", "int32", "SCIP's number for what it is; 0 is not said"),
    _c("documentation", "list<string>", "its documentation, Markdown"),
    _c("signature", "string?", "its signature"),
    _c("enclosing_symbol", "string?", "the symbol around it, where that is said"),
)
SCIP_RELATIONSHIPS = _table(
    "scip", "scip_relationships", "How one symbol relates to another.", ("symbol", "related"),
    _c("symbol", "string", "the symbol"), _c("related", "string", "the other one"),
    _c("reference", "bool", "whether finding references of one finds the other's"),
    _c("implementation", "bool", "whether the symbol implements the other"),
    _c("type_definition", "bool", "whether the other is its type"),
    _c("definition", "bool", "whether the other's definition is its own"),
)
SCIP_DIAGNOSTICS = _table(
    "scip", "scip_diagnostics", "One remark of the indexer.", ("diagnostic",),
    _c("diagnostic", "int32", "numbered within the document"),
    _c("severity", "int32", "error 1, warning 2, information 3, hint 4; 0 is not said"),
    _c("code", "string", "its code"), _c("message", "string", "what it says"),
    _c("source", "string", "who says it"), *SPAN,
)
TYPE_CALLS = _table(
    "types", "type_calls", "One thing that one call may run, as the type checker sees it.",
    ("call",), _c("call", "int32", "numbered within the file"),
    _c("kind", "string", "call, property or format; for calls that are not written, the checker's "
       "word: binary, comparison, for-iter, for-next, with-enter, subscript-get-item ..."),
    _c("role", "string", "call, init, new, getter, setter, or callback: passed as an argument"),
    _c("target", "string", "qualified name of what runs"),
    _c("overridden", "bool", "whether an override of it may run in its place"),
    _c("receiver", "string?", "qualified name of the receiver's class"),
    _c("target_file", "int32?", "the target's file, if it is one of this build"),
    _c("target_bstart", "int32?", "first byte of the target's name there"),
    _c("target_bend", "int32?", "byte after it"),
    _c("receiver_file", "int32?", "the receiver's class: its file"),
    _c("receiver_bstart", "int32?", "first byte of its name there"),
    _c("receiver_bend", "int32?", "byte after it"), *SPAN,
)
TYPE_UNRESOLVED = _table(
    "types", "type_unresolved", "One call whose targets the type checker does not know, or not "
    "all of them.", ("call",), _c("call", "int32", "numbered within the file"),
    _c("kind", "string", "as in `type_calls`"), _c("reason", "string", "the checker's word"), *SPAN,
)
TYPE_EXPRESSIONS = _table(
    "types", "type_expressions", "The type of one expression, as the type checker sees it.",
    ("bstart", "bend"), _c("type", "string", "the type, as the checker writes it"), *SPAN,
)
EXTRACTION_ERRORS = _table(
    "repo", "extraction_errors", "One thing an extractor could not do.", ("extractor", "phase"),
    _c("extractor", "string", "which one"), _c("phase", "string", "read, decode, parse or extract"),
    _c("error", "string", "type of the error"), _c("message", "string", "what it says"),
    _c("line", "int32?", "line, from 1"), _c("column", "int32?", "byte in that line, from 0"),
)
IMPORTS = _table(
    "imports", "imports", "One imported name, and what it means.", ("node",), NODE, SCOPE,
    _c("module", "string", "absolute dotted name of the module; empty when dots lead nowhere"),
    _c("name", "string?", "the name taken from it; null for `import m`"),
    _c("binds", "string?", "the name it binds"), _c("star", "bool", "whether it is `*`"),
    _c("level", "int32", "leading dots"),
    _c("guard", "string", "none, try, type_checking, condition or function"),
    _c("status", "string", "resolved, external, standard_library or unresolved"),
    _c("target_kind", "string", "module, definition, submodule, external or none"),
    _c("target", "string?", "qualified name of what it means"),
    _c("reason", "string?", "why it is unresolved"), *SPAN,
)
EXTERNAL_INTERFACES = Table(
    "external_interfaces", "One module outside the repositories that they import.", "imports",
    ("repo", "name"),
    (
        REPO,
        _c("name", "string", "absolute dotted name"),
        _c("status", "string", "standard_library, resolved (a distribution has it) or unresolved"),
        _c("distribution", "string?", "distribution it comes from, when one is known"),
        _c("version", "string?", "that distribution's version, when one is installed"),
    ),
    ("repo",),
)

TABLES = (
    FILES, FILE_TEXT, FILE_LINES, SELECTION, BUILD_INPUTS, AST_NODES, AST_SCOPES, AST_NAMES,
    AST_DEFS, AST_IMPORTS, AST_CALLS, AST_ARGS, AST_PARAMS, AST_DECORATORS, AST_DOCSTRINGS,
    AST_ANNOTATIONS, AST_BASES, AST_ATTRIBUTES, AST_EXPORTS, AST_ERRORS, VALUE_BODIES,
    VALUE_STEPS, SCOPES, SCOPE_SYMBOLS, CODE_UNITS, INSTRUCTIONS, EXCEPTION_TABLE, BLOCKS,
    BLOCK_EDGES, TS_NODES, TS_CAPTURES, TS_STATS, CST_NODES, CST_MANIFEST, SCIP_INDEX,
    SCIP_DOCUMENTS, SCIP_OCCURRENCES, SCIP_SYMBOLS, SCIP_RELATIONSHIPS, SCIP_DIAGNOSTICS,
    TYPE_CALLS, TYPE_UNRESOLVED, TYPE_EXPRESSIONS, EXTRACTION_ERRORS, IMPORTS, EXTERNAL_INTERFACES,
)
