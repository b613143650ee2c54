"""Every question with a file of its own here, on one page: what it is given, and its columns."""

from __future__ import annotations

from codeanatomy.cpg.query._question import Given, Question
from codeanatomy.kernel.schema import Column


# fmt: off
def _c(name: str, kind: str, meaning: str) -> Column:
    """Declare a column; a trailing `?` on the type makes it nullable."""
    return Column(name, kind.rstrip("?"), meaning, kind.endswith("?"))


_CALLABLE = ("module", "class", "function", "method", "lambda", "builtin", "external symbol")
_CODE = ("module", "class", "function", "method", "lambda")
_LIMIT = Given("limit", "int", "rows at most; 0 is all", 1000)
_FLOOR = Given("confidence", "float", "leave out calls of less confidence, and, above 0, those "
               "whose confidence is not measured", 0.0)
_DEPTH = Given("depth", "int", "calls away, at most; 0 is as far as it goes", 1)
_FAR = Given("depth", "int", "steps away, at most; 0 is as far as it goes", 0)

_PATH = _c("path", "string?", "the file that shows it")
_LINE = _c("line", "int32?", "the line, from 1")
_SOURCE = _c("source", "string?", "that line; null where the file is not as it was")
_CONFIDENCE = _c("confidence", "float64?", "how sure the edge is; null where that is not measured")
_METHOD = _c("method", "string", "how it was decided")
_SITES = (
    _PATH, _LINE,
    _c("sites", "int32", "how many call sites there are; `path` and `line` are of the first"),
    _c("site_lines", "list<int32>", "the lines of all sites; where it cannot be told whose a site "
       "is, of the first"),
    _c("method", "string", "how the targets of the sites were found, joined by commas"),
    _CONFIDENCE, _SOURCE,
)

QUESTIONS = (
    Question(
        "callers", "Who calls a definition. A class stands for its constructors.",
        (Given("of", "node", "what is called"), _DEPTH, _FLOOR, _LIMIT),
        (_c("depth", "int32", "calls between it and what was asked about, from 1"),
         _c("caller", "string", "whose code makes the call"),
         _c("kind", "string", "what the caller is"),
         _c("callee", "string", "what it calls"), *_SITES),
        needs=("CALLS",), about=_CALLABLE, arrow=("caller", "callee"), found="caller",
    ),
    Question(
        "callees", "What a definition calls. A class stands for its body and constructors.",
        (Given("of", "node", "whose code calls"), _DEPTH, _FLOOR, _LIMIT),
        (_c("depth", "int32", "calls between it and what was asked about, from 1"),
         _c("callee", "string", "what is called"),
         _c("kind", "string", "what the callee is"),
         _c("caller", "string", "whose code calls it"), *_SITES),
        needs=("CALLS",), about=_CODE, arrow=("caller", "callee"), found="callee",
    ),
    Question(
        "path", "A shortest chain of calls from one definition to another.",
        (Given("source", "node", "where it begins"), Given("target", "node", "where it ends"),
         _FLOOR),
        (_c("step", "int32", "place in the chain, from 1"),
         _c("caller", "string", "whose code makes the call"),
         _c("callee", "string", "what it calls"), *_SITES),
        needs=("CALLS",), about=_CALLABLE, arrow=("caller", "callee"),
        exit="1 when there is no chain.",
    ),
    Question(
        "impact", "What may break if a definition changes: who calls, overrides, inherits, "
        "imports or reads it, and so on from there.",
        (Given("of", "node", "what changes, with all that is in it"), _FAR, _FLOOR, _LIMIT),
        (_c("depth", "int32", "steps between it and what changes, from 1"),
         _c("affected", "string", "what may break"), _c("kind", "string", "what that is"),
         _c("via", "string", "why: call, override, inheritance, import or read"),
         _c("through", "string", "what it depends on, one step nearer"),
         _PATH, _LINE, _METHOD, _CONFIDENCE, _SOURCE),
        needs=("READS",),
        uses=("CALLS", "OVERRIDES", "INHERITS_FROM", "IMPORTS", "IMPORTS_NAME"),
        arrow=("affected", "through"), found="affected", label="via",
    ),
    Question(
        "hierarchy", "The classes above and below a class, its method resolution order, and what "
        "its methods override; of a method, the methods that it overrides and that override it.",
        (Given("of", "node", "a class or a method"), _FAR, _LIMIT),
        (_c("relation", "string", "base, metaclass, subclass, implements, implemented by, "
            "overrides, or overridden by"),
         _c("depth", "int32", "steps away, from 1"),
         _c("name", "string", "the class or method found"), _c("kind", "string", "what it is"),
         _c("derived", "string", "the lower end of the edge"),
         _c("base", "string", "the upper end of the edge"),
         _c("mro", "int32?", "a base's place in the method resolution order, from 1; null where "
            "there is no such order or a base is not known"),
         _PATH, _LINE, _METHOD, _CONFIDENCE, _SOURCE),
        needs=("INHERITS_FROM",), uses=("OVERRIDES", "IMPLEMENTS"), about=("class", "method"),
        arrow=("derived", "base"), found="name", label="relation",
    ),
    Question(
        "references", "Every place that means a definition: names, imports, exports, and calls "
        "through attributes.",
        (Given("of", "node", "what is meant"), _LIMIT),
        (_PATH, _LINE, _c("role", "string", "load, store, del, import, export, call ..."),
         _c("within", "string?", "the innermost definition around the place"),
         _c("through", "string", "what the place means at first: it, or an import of it"),
         _METHOD, _CONFIDENCE, _SOURCE),
        needs=("REF",), uses=("IMPORTS_NAME", "EXPORTS", "CALL_TARGET"),
        arrow=("within", "through"), label="role",
    ),
    Question(
        "imports", "Which module imports which, or only those that import each other in a circle.",
        (Given("of", "node", "a module or package; all when not given", optional=True),
         Given("cycles", "bool", "only imports that are part of a circle", default=False),
         Given("loading", "bool", "only imports that run while modules load: none in functions, "
               "none for type checkers", default=False), _LIMIT),
        (_c("cycle", "int32?", "number of its circle, from 1, the largest first"),
         _c("module", "string", "the module that imports"),
         _c("imported", "string", "the module that is imported"),
         _c("kind", "string", "module, package or external module"),
         _c("guard", "string", "what every such import depends on: none, try, "
            "condition, function, type_checking"),
         _PATH, _LINE, _c("imports", "int32", "how many imports there are; `path` and `line` are "
                          "of the first"),
         _METHOD, _SOURCE),
        needs=("IMPORTS",), about=("module", "package", "external module"),
        arrow=("module", "imported"), exit="1 when `--cycles` finds a circle.",
    ),
    Question(
        "dead", "Definitions that nothing reaches from the entry points, and what makes that "
        "uncertain.",
        (Given("entry", "words", "where the program is entered: `scripts`, `tests`, `public` (what "
               "a distribution offers to others), or names of definitions; the first three when "
               "not given", ()), _LIMIT),
        (_c("definition", "string", "what is not reached"), _c("kind", "string", "what it is"),
         _PATH, _LINE, _c("lines", "int32", "how many lines it has"),
         _c("doubt", "string", "why it may be reached all the same, joined by semicolons; empty "
            "when nothing says so"),
         _c("unresolved", "int32", "unresolved call sites that could mean it by its name"),
         _c("repo", "string", "its repository")),
        needs=("CALLS",), uses=("READS", "INHERITS_FROM", "OVERRIDES", "DECORATES"),
        exit="1 when something is dead without a doubt.",
    ),
)

BY_NAME = {question.name: question for question in QUESTIONS}
