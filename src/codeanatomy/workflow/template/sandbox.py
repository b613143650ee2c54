"""The Jinja2 environment of agent files: declared names, bounded work, and no way out."""

from __future__ import annotations

from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CodeType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
    TracebackType,
)
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator, Frame, operators
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext, Macro, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace

from codeanatomy.workflow.template import limits
from codeanatomy.workflow.template.errors import TemplateLimitError
from codeanatomy.workflow.template.filters import all_filters, compares
from codeanatomy.workflow.template.methods import SAFE_METHODS, is_safe_method
from codeanatomy.workflow.template.texts import TextFormat, check_growth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jinja2.runtime import Context

_CLOSED = (  # what has attributes that lead out of the scope
    type,
    ModuleType,
    FunctionType,
    BuiltinFunctionType,
    MethodType,
    CodeType,
    FrameType,
    TracebackType,
    GeneratorType,
    CoroutineType,
    AsyncGeneratorType,
)
_DICT_METHODS = SAFE_METHODS[dict]
_MISSING = object()
_COMPARING = frozenset("== != < <= > >= eq equalto ne lt lessthan le gt greaterthan ge in".split())
_COUNTED = "counted_loop"  # the filter that every loop's values pass through


class _Undefined(StrictUndefined):
    """What is not there; the rendering knows that something was looked for."""

    __slots__ = ()
    stands_for_nothing = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the base class takes
        super().__init__(*args, **kwargs)
        limits.budget().undefined = True


class Sandbox(ImmutableSandboxedEnvironment):
    """Templates over plain values: keys first, no underscores, no methods that change or reach."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})
    concat = staticmethod(limits.joined)
    comparable = staticmethod(limits.comparable)

    def __init__(
        self,
        filters: Mapping[str, Callable[..., Any]] | None = None,
        names: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            undefined=_Undefined, cache_size=0, optimized=False, finalize=limits.printable
        )
        self.code_generator_class = _Generator
        self.filters = {**all_filters(), **(filters or {}), _COUNTED: limits.counted}
        tests: Any = self.tests  # Jinja2 calls them plain functions, which have no signature
        self.tests = {n: compares(t) if n in _COMPARING else t for n, t in tests.items()}
        del self.globals["lipsum"]
        self.globals.update(range=_range, **(names or {}))
        self._callable = {id(value): value for value in self.globals.values()}

    def allow(self, name: str, function: Callable[..., Any]) -> None:
        """Add a function that templates may call by name."""
        self.globals[name] = function
        self._callable[id(function)] = function

    def global_or_undefined(self, name: str) -> Any:  # noqa: ANN401 - values of any type
        """Look up a name that the scope does not hold."""
        return self.globals[name] if name in self.globals else self.undefined(name=name)

    def dotted(self, obj: Any, name: str) -> Any:  # noqa: ANN401 - values of any type
        """Look up `obj.name` where `obj` is a dict reached by names: a missing key is None."""
        if not isinstance(obj, dict):
            return self.getattr(obj, name)
        found = dict.get(obj, name, _MISSING)
        if found is not _MISSING:
            return found
        if name in _DICT_METHODS:
            return getattr(obj, name)
        if name.startswith("_") and hasattr(dict, name):
            raise _unsafe(obj, name)
        return None

    def dotted_item(self, obj: Any, key: Any) -> Any:  # noqa: ANN401 - values of any type
        """Look up `obj["key"]`, as `dotted` where the key is a name."""
        if isinstance(obj, dict):
            try:
                return obj[key]
            except (KeyError, TypeError):
                return None
        return self.getitem(obj, key)

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - values of any type
        """Look up an attribute or a key, never a private one nor one of Python's machinery."""
        if isinstance(obj, dict):
            if attribute in _DICT_METHODS:
                return getattr(obj, attribute)
            try:
                return obj[attribute]
            except (LookupError, TypeError):
                if attribute.startswith("_") and hasattr(obj, attribute):
                    raise _unsafe(obj, attribute) from None
                return self.undefined(obj=obj, name=attribute)
        if attribute.startswith("_") and not isinstance(obj, Undefined):
            return self._private(obj, attribute)
        if isinstance(obj, _CLOSED) and not isinstance(obj, Macro):
            raise _unsafe(obj, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:  # noqa: ANN401 - values of any type
        """Look up an item; a name that is no key is looked up as an attribute."""
        try:
            return obj[argument]
        except (TypeError, LookupError, AttributeError):
            if isinstance(argument, str):
                return self.getattr(obj, str(argument))
        return self.undefined(obj=obj, name=argument)

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:  # noqa: ANN401 - as above
        """Refuse at once: a value that is only unsafe when it is used hides what was tried."""
        raise _unsafe(obj, attribute)

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ANN401 - whatever is called
        """Allow the environment's own functions, macros, and methods that only look."""
        if id(obj) in self._callable or is_safe_method(obj):
            return super().is_safe_callable(obj)
        if isinstance(obj, Macro | LoopContext | Cycler | Joiner):
            return True
        owner = getattr(obj, "__self__", None)
        return isinstance(owner, LoopContext | Cycler | Joiner)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - values of any type
        """Call what may be called, and pay for it."""
        limits.budget().work(limits.CALL_STEPS)
        if not self.is_safe_callable(obj) and not _in_scope(obj, context):
            if isinstance(obj, Undefined):
                obj()  # says which name is undefined
            raise SecurityError(f"{_name_of(obj)} may not be called in a template")
        if isinstance(getattr(obj, "__self__", None), str | bytes):
            args = check_growth(obj, args, kwargs)
        return context.call(obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - operands of any type
        """Compute what is not too large."""
        if operator == "+":
            limits.check_sum(left, right)
        elif operator == "*":
            limits.check_product(left, right)
        elif operator == "**":
            limits.check_power(left, right)
        elif isinstance(left, str | bytes):
            limits.check_percent(left)
            limits.printable(right)
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:  # noqa: ANN401 - any attribute
        """Give `str.format` a formatter that looks up fields as templates do, in bounded fields."""
        if not isinstance(value, BuiltinFunctionType | MethodType):
            return None
        text = value.__self__
        if value.__name__ not in {"format", "format_map"} or not isinstance(text, str):
            return None
        return TextFormat(self, text, mapping=value.__name__ == "format_map")

    def str_join(self, parts: Iterable[Any]) -> str:
        """Concatenate with `~`."""
        return limits.joined([str(limits.printable(part)) for part in parts])

    def _private(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - values of any type
        """Look up a key with an underscore; an attribute is refused."""
        if isinstance(obj, Namespace):
            raise _unsafe(obj, attribute)
        try:
            return obj[attribute]
        except Exception:  # noqa: BLE001 - no such key, in whatever way the object says it
            if hasattr(type(obj), attribute) or hasattr(obj, attribute):
                raise _unsafe(obj, attribute) from None
        return self.undefined(obj=obj, name=attribute)

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,  # noqa: FBT001, FBT002 - Jinja2's own signature
    ) -> str:
        _refuse_other_files(source)
        loop_names = _count_loops(source)
        _mark_dotted(source, loop_names)
        return super()._generate(source, name, filename, defer_init)


class _Generator(CodeGenerator):
    """Jinja2's code, with lookups of dotted names and concatenations of our own."""

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        self.write("environment.dotted(" if _is_marked(node) else "environment.getattr(")
        self.visit(node.node, frame)
        self.write(f", {node.attr!r})")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802 - as above
        if not _is_marked(node):
            super().visit_Getitem(node, frame)
            return
        self.write("environment.dotted_item(")
        self.visit(node.node, frame)
        self.write(", ")
        self.visit(node.arg, frame)
        self.write(")")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802 - as above
        self.write("(environment.comparable(")
        self.visit(node.expr, frame)
        self.write(")")
        for operand in node.ops:
            self.visit(operand, frame)
        self.write(")")

    def visit_Operand(self, node: nodes.Operand, frame: Frame) -> None:  # noqa: N802 - as above
        self.write(f" {operators[node.op]} environment.comparable(")
        self.visit(node.expr, frame)
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - as above
        self.write("environment.str_join((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


def _range(*args: int) -> range:
    """Return a range of at most `MAX_RANGE` numbers."""
    found = range(*args)
    try:
        size = len(found)
    except OverflowError:
        size = limits.MAX_RANGE + 1
    if size > limits.MAX_RANGE:
        raise TemplateLimitError(f"a range of more than {limits.MAX_RANGE} numbers")
    return found


def _in_scope(call: Any, context: Context) -> bool:  # noqa: ANN401 - whatever is called
    """Tell whether the host put this very function into the scope by name."""
    return any(call is value for value in context.parent.values()) or isinstance(call, TextFormat)


def _name_of(call: Any) -> str:  # noqa: ANN401 - whatever is called
    name = getattr(call, "__qualname__", None) or type(call).__qualname__
    return repr(name)


def _unsafe(obj: Any, attribute: str) -> SecurityError:  # noqa: ANN401 - values of any type
    kind = type(obj).__name__
    return SecurityError(f"access to attribute {attribute!r} of {kind!r} object is unsafe.")


def _refuse_other_files(source: nodes.Template) -> None:
    """Refuse templates of other files: a text is all there is."""
    for kind in (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends):
        for node in source.find_all(kind):
            word = kind.__name__.lower()
            raise TemplateSyntaxError(f"'{word}' is not available: no other files", node.lineno)


def _count_loops(source: nodes.Template) -> frozenset[str]:
    """Send every loop's values through the counter; return the names that loops bind."""
    names: set[str] = set()
    for loop in source.find_all(nodes.For):
        names.update(n.name for n in loop.target.find_all(nodes.Name))
        if isinstance(loop.target, nodes.Name):
            names.add(loop.target.name)
        loop.iter = nodes.Filter(
            loop.iter,
            _COUNTED,
            [],
            [],
            None,
            None,
            lineno=loop.lineno,
            environment=loop.environment,
        )
    return frozenset(names)


def _mark_dotted(source: nodes.Template, loop_names: frozenset[str]) -> None:
    """Mark lookups in dicts that are reached by names alone, from a name no loop binds."""
    for kind in (nodes.Getattr, nodes.Getitem):
        for node in source.find_all(kind):
            node.anatomy_dotted = _is_path(node, loop_names)  # type: ignore[attr-defined] # our mark


def _is_path(node: nodes.Expr, loop_names: frozenset[str]) -> bool:
    while True:
        if isinstance(node, nodes.Name):
            return node.name not in loop_names
        if isinstance(node, nodes.Getattr) or (
            isinstance(node, nodes.Getitem)
            and isinstance(node.arg, nodes.Const)
            and isinstance(node.arg.value, str)
        ):
            node = node.node
        else:
            return False


def _is_marked(node: nodes.Expr) -> bool:
    return bool(getattr(node, "anatomy_dotted", False))
