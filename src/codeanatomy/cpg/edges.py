"""Every kind of edge and the table that holds them, on one page: what the graph promises.

An edge kind's `relation` names the file in `relations/` that says how it comes about.
"""

from __future__ import annotations

import msgspec

from codeanatomy.cpg.nodes import REACH, REPO
from codeanatomy.kernel.schema import Column, Table


# fmt: off
class EdgeKind(msgspec.Struct, frozen=True):
    """One kind of edge: its layer, what it leads from and to, and where it is made.

    `certain` marks kinds whose every edge a total oracle checks: their confidence is 1.0.
    """

    name: str
    layer: str
    src: str
    dst: str
    meaning: str
    relation: str = ""
    certain: bool = False
    absent: str = ""


_FLOW = "control and data flow are not analysed by this version"
_BYTECODE = "bytecode stays evidence: see the tables `instructions` and `code_units`"

EDGES = (
    EdgeKind("CONTAINS", "containment", "container", "part", "Repository > directory > file > "
             "module > class > method > scope: a tree.", "contains", certain=True),
    EdgeKind("DECLARES", "containment", "class, function, import, parameter", "variable",
             "One of several statements that give a variable its value by declaration.",
             "declares", certain=True),
    EdgeKind("AST", "syntax", "syntax node", "syntax node", "The tree of Python's `ast`; "
             "`props['field']` is the way down, `props['index']` the place in a list.",
             "ast", certain=True),
    EdgeKind("DECORATES", "syntax", "decorator", "class, function, method", "A decorator and what "
             "it is written on.", "decorates", certain=True),
    EdgeKind("DOCUMENTS", "syntax", "docstring", "module, class, function, method", "A docstring "
             "and what it documents.", "documents", certain=True),
    EdgeKind("ANNOTATES", "syntax", "annotation", "parameter, function, target", "An annotation "
             "and what it annotates.", "annotates", certain=True),
    EdgeKind("EXPRESSION", "syntax", "decorator, annotation", "expression", "The expression that a "
             "decorator or annotation is.", "expression", certain=True),
    EdgeKind("ARGUMENT", "syntax", "call site", "expression or argument", "An argument; "
             "`props['index']` is its position, `props['keyword']` its keyword, `props['role']` "
             "its stars.", "argument", certain=True),
    EdgeKind("PARAMETER", "syntax", "function, method, lambda", "parameter", "A parameter; "
             "`props['index']` is its position.", "parameter", certain=True),
    EdgeKind("RECEIVER", "syntax", "call site", "expression", "What stands before the last dot of "
             "the callee.", "receiver", certain=True),
    EdgeKind("CALLEE", "syntax", "call site", "expression", "The called expression; the edge's "
             "span is its last identifier.", "callee", certain=True),
    EdgeKind("CONDITION", "syntax", "statement or expression", "expression", "The test that a "
             "statement, conditional expression or comprehension depends on.", "condition",
             certain=True),
    EdgeKind("BINDS", "names", "scope", "binding", "A scope and a name bound in it.", "binds",
             certain=True),
    EdgeKind("REF", "names", "reference", "binding or definition", "What a name means; `method` is "
             "its class in its scope: local, cell, free, explicit_global, implicit_global, "
             "or builtin; where a star import binds it, star_import or submodule; "
             "`props['role']` how it is used.", "ref", certain=True),
    EdgeKind("UNRESOLVED", "diagnostics", "reference, import, class, module or call site",
             "unresolved", "A name, import, base or listed export whose target is not known, or a "
             "call that may have more targets than are known; `props['reason']` says why.",
             "unresolved"),
    EdgeKind("READS", "names", "module, class, function, method, lambda", "binding",
             "Whose code reads a binding; `props['count']` how often; the span is the first "
             "place.", "reads", certain=True),
    EdgeKind("WRITES", "names", "module, class, function, method, lambda", "binding",
             "Whose code binds it.", "writes", certain=True),
    EdgeKind("DELETES", "names", "module, class, function, method, lambda", "binding",
             "Whose code deletes it.", "deletes", certain=True),
    EdgeKind("CAPTURES", "names", "scope", "binding", "A scope that uses a name of a function "
             "around it.", "captures", certain=True),
    EdgeKind("IMPORTS", "names", "module", "module, package or external module", "A module and one "
             "that it imports; "
             "`props['count']` how often.", "imports"),
    EdgeKind("IMPORTS_NAME", "names", "import", "module, package, definition, binding, external "
             "module or external symbol", "What one imported name means, re-exports "
             "followed.", "imports_name"),
    EdgeKind("EXPORTS", "names", "module", "binding or definition", "A name that `__all__` lists.",
             "exports"),
    EdgeKind("SHADOWS", "names", "binding", "binding", "A name that hides the same name of a scope "
             "around it that its code could else see.", "shadows", certain=True),
    EdgeKind("INHERITS_FROM", "classes", "class", "class", "A base class; `props['index']` is its "
             "place, `props['role']` is `metaclass` for a metaclass.", "inherits_from"),
    EdgeKind("MEMBER_OF", "classes", "method, attribute, class, import", "class", "A member and "
             "its class.", "member_of", certain=True),
    EdgeKind("HAS_DIAGNOSTIC", "diagnostics", "file", "diagnostic", "A file and what could not be "
             "done with it.", "has_diagnostic"),
    EdgeKind("OVERRIDES", "classes", "method", "method", "A method, and the nearest method of its "
             "name in the method resolution order of its class.", "overrides"),
    EdgeKind("IMPLEMENTS", "classes", "class", "class", "A class that has every member of a "
             "protocol, or defines the abstract methods of an abstract base.", "implements"),
    EdgeKind("INSTANCE_OF", "types", "binding or call site", "class, builtin or external symbol",
             "What a name or attribute holds, or a call makes, is an instance of this.",
             "instance_of"),
    EdgeKind("HAS_TYPE", "types", "binding, function, method", "type", "The type of what a name "
             "holds, or of a function's result; `method` is annotation, type flow, or the one "
             "extractor that says so.", "has_type"),
    EdgeKind("CALL_TARGET", "calls", "call site", "function, method, lambda, class, builtin or "
             "external symbol", "What a call runs; a class where making one runs no code of these "
             "repositories. `method` is one of the methods below, or the one extractor that says "
             "so; the edge's span is the callee's last identifier.", "call_target"),
    EdgeKind("CALLS", "calls", "module, class, function, method, lambda", "function, method, "
             "lambda, class, builtin or external symbol", "Whose code calls what; "
             "`props['count']` at how many sites; the span is the first.", "calls"),
    EdgeKind("ARGUMENT_TO_PARAMETER", "calls", "expression or argument", "parameter",
             "An argument, and the parameter of a call's target that receives it.",
             "argument_to_parameter"),
    EdgeKind("RETURNS_TO", "calls", "callee", "call site", "Where a result goes.",
             absent="it would be CALL_TARGET read backwards"),
    EdgeKind("YIELDS", "calls", "function, method, lambda", "expression", "What a generator "
             "yields; `props['role']` is `from` for what `yield from` is given, `bare` where it is "
             "a `yield` without a value itself. The span is the `yield`'s.", "yields",
             certain=True),
    EdgeKind("AWAITS", "calls", "module, class, function, method, lambda", "expression", "What its "
             "code awaits; `props['role']` is `for` or `with` where an `async` statement does it, "
             "not those in comprehensions. The span is the `await`'s or the expression's own.",
             "awaits", certain=True),
    EdgeKind("RAISES", "calls", "module, class, function, method, lambda", "class, builtin or "
             "external symbol", "What a `raise` statement of its code raises.", "raises"),
    EdgeKind("CATCHES", "calls", "module, class, function, method, lambda", "class, builtin or "
             "external symbol", "What an `except` clause of its code catches.", "catches"),
    EdgeKind("CFG", "flow", "block", "block", "Control flow.", absent=_FLOW),
    EdgeKind("DOMINATE", "flow", "block", "block", "Dominance.", absent=_FLOW),
    EdgeKind("POST_DOMINATE", "flow", "block", "block", "Post-dominance.", absent=_FLOW),
    EdgeKind("CDG", "flow", "block", "block", "Control dependence.", absent=_FLOW),
    EdgeKind("REACHING_DEF", "flow", "definition", "use", "Data flow.", absent=_FLOW),
    EdgeKind("ANCHORS", "bytecode", "instruction", "syntax node", "Where an instruction comes "
             "from.", absent=_BYTECODE),
    EdgeKind("SCIP_SYMBOL", "scip", "definition or reference", "symbol", "What a SCIP index says "
             "stands there; `props['role']` is definition, import, write or read.", "scip_symbol"),
    EdgeKind("SCIP_REFERENCE", "scip", "symbol", "symbol", "Finding references of one finds the "
             "other's.", "scip_reference"),
    EdgeKind("SCIP_IMPLEMENTATION", "scip", "symbol", "symbol", "A symbol and one that it "
             "implements or overrides.", "scip_implementation"),
    EdgeKind("SCIP_TYPE_DEFINITION", "scip", "symbol", "symbol", "A symbol and the symbol of its "
             "type.", "scip_type_definition"),
    EdgeKind("SCIP_DEFINITION", "scip", "symbol", "symbol", "A symbol and one whose definition is "
             "its own.", "scip_definition"),
)

EDGES_TABLE = Table(
    "edges", "What meets what: one row an edge; `edge_id` is derived on read.", "edges",
    ("src", "dst", "kind", "bstart", "bend"),
    (
        Column("src", "int64", "the node it leads from", sem="nid"),
        Column("dst", "int64", "the node it leads to", sem="nid"),
        Column("kind", "string", "one of the edge kinds"),
        Column("path", "string", "the file that shows it", nullable=True),
        Column("bstart", "int32", "first byte of the place that shows it", nullable=True),
        Column("bend", "int32", "byte after that place", nullable=True),
        Column("line", "int32", "line of that place, from 1", nullable=True),
        Column("layer", "string", "the layer it belongs to"),
        Column("sources", "string", "the evidence that supports it, joined by commas"),
        Column("method", "string", "how it was decided"),
        Column("confidence", "float64", "measured frequency of being right; null where it is not "
               "measured, 1.0 where a total oracle checks it", nullable=True),
        Column("ambiguity_group", "int64", "edges of which one is right share a number",
               nullable=True),
        Column("props", "struct<role:string,field:string,index:int32,keyword:string,count:int32,"
               "reason:string>", "facts of some kinds; null where a kind has none", nullable=True),
        REPO, REACH,
    ),
    ("repo", "reach"),
)

REASONS = {
    "undefined": "no scope around it and no builtin has the name",
    "no_symbols": "Python parses the file and refuses to make its symbol table: see its diagnostic",
    "interpreter": "the interpreter or the import system sets it while the program runs",
    "star_import": "a star import of a module that is not in the store may bind it",
    "beyond_top": "more leading dots than packages around the module",
    "no_module": "the package is in the store, and has no such module",
    "unparsed": "the module is in the store, and Python cannot parse it",
    "no_name": "the module is in the store, and neither binds the name nor has such a submodule",
    "dynamic": "the module makes its names while it runs (`__getattr__`, an open `__all__`)",
    "expression": "a base that is not a name or a dotted name",
    "attribute": "an attribute of something that is not a module of the store",
    "not_a_class": "the name is bound, and not to one class statement",
    "cycle": "imports lead round in a circle without a definition",
    "parameter": "what is called comes in by a parameter that nothing in the store passes",
    "attribute_unknown": "a method of something whose class is not known",
    "external_value": "what is called was made by code outside the store",
    "dynamic_call": "what is called is made while the program runs (`eval`, `getattr`, patching)",
    "no_attribute": "the receiver is known, and has no such attribute",
    "not_callable": "what is called is known, and cannot be called",
    "recursion": "nothing known becomes what is called: it follows only from itself, or from what "
    "is never made",
    "unreached": "no run of the program comes to the call: it stands in code that never runs",
    "limit": "the analysis stopped at one of its bounds: see the warnings of the build",
}
"""Why an `UNRESOLVED` edge leads to what is not known, by `props['reason']`."""

METHODS = {
    "direct": "the name is bound by a definition of the same module",
    "import": "the name is imported from the definition's module",
    "attribute": "an attribute of a module",
    "type flow": "the value was followed through assignments, arguments, returns and containers",
    "annotation": "only an annotation says what the receiver is",
    "self": "a method of the class around it, on its own first parameter",
    "super": "`super()`: the next in the method resolution order",
    "override": "a subclass of the receiver's class may be there instead, and has its own method",
    "constructor": "calling a class runs its `__init__` or `__new__`",
    "metaclass": "calling or stating a class runs code of its metaclass or `__init_subclass__`",
    "protocol": "an operator, subscript, loop, `with` or `await` runs a special method",
    "property": "reading, writing or deleting an attribute runs a property's function",
    "descriptor": "an attribute's `__get__`, `__set__` or `__delete__` runs",
    "decorator": "a definition is passed to its decorator",
    "callback": "passed to a builtin or an external function that calls it",
    "partial": "the function inside a `functools.partial`",
    "dataclass": "the `__init__` that a decorator makes runs `__post_init__`",
    "getattr": "`getattr` with a constant name",
    "name": "only the name agrees: nothing says what the receiver is",
    "builtin": "a builtin",
    "external": "something outside the store",
    "scip": "only a SCIP index names it",
    "pyrefly": "only the type checker names it",
}
"""How the target of a call was found: `method` of a `CALL_TARGET` edge."""

BY_NAME = {kind.name: kind for kind in EDGES}
