"""The language's own callables and the library's whose effect no annotation says: rows of facts.

`TOOLS`, `METHODS` and `STORED` name the function of `tools` that does it; the other pages say which
special methods C code asks for, and which methods of ours a library class calls on itself.
"""

from __future__ import annotations

FORMS = frozenset(
    "Any Optional Union Callable ClassVar Final Literal Annotated Type Generic Protocol Self "
    "NoReturn Never Concatenate TypeGuard TypeIs Unpack Required NotRequired ReadOnly "
    "LiteralString TypeAlias NamedTuple TypedDict".split()
)
OLD_NAMES = {
    "List": "builtins.list", "Dict": "builtins.dict", "Set": "builtins.set",
    "FrozenSet": "builtins.frozenset", "Tuple": "builtins.tuple",
    "DefaultDict": "collections.defaultdict", "OrderedDict": "collections.OrderedDict",
    "Counter": "collections.Counter", "Deque": "collections.deque",
    "ChainMap": "collections.ChainMap",
}  # fmt: skip
"""Names of `typing` for classes of other modules, which its stub does not say."""

_IDENTITY = (
    "abc.abstractmethod typing.overload typing.final typing.no_type_check typing.override "
    "typing.runtime_checkable typing.runtime typing_extensions.overload typing_extensions.final "
    "typing_extensions.override typing_extensions.runtime_checkable functools.cache "
    "copy.copy copy.deepcopy types.coroutine enum.unique enum.nonmember "
    "weakref.proxy asyncio.coroutine warnings.deprecated typing.dataclass_transform"
).split()
TOOLS = {
    **dict.fromkeys(_IDENTITY, "identity"),
    "builtins.super": "super",
    "builtins.getattr": "getattr",
    "builtins.setattr": "setattr",
    "builtins.dir": "dir",
    "inspect.getmembers": "getmembers",
    "builtins.hasattr": "hasattr",
    "builtins.delattr": "delattr",
    "builtins.type": "type",
    "builtins.property": "property",
    "builtins.staticmethod": "staticmethod",
    "builtins.classmethod": "classmethod",
    "abc.abstractproperty": "property",
    "abc.abstractclassmethod": "classmethod",
    "abc.abstractstaticmethod": "staticmethod",
    "types.DynamicClassAttribute": "property",
    "enum.property": "property",
    "enum.member": "member",
    "functools.partial": "partial",
    "functools.partialmethod": "partialmethod",
    "functools.wraps": "decorating",
    "functools.update_wrapper": "wrapped",
    "functools.lru_cache": "caching",
    "functools.total_ordering": "ordering",
    "functools.cached_property": "cached_property",
    "functools.cmp_to_key": "comparing",
    "functools.singledispatch": "singledispatch",
    "functools.singledispatchmethod": "singledispatchmethod",
    "functools.reduce": "reduce",
    "_functools.reduce": "reduce",
    "_functools.cmp_to_key": "comparing",
    "builtins.iter": "iter",
    "builtins.next": "next",
    "builtins.anext": "anext",
    "builtins.aiter": "aiter",
    "builtins.vars": "vars",
    "builtins.sum": "sum",
    "builtins.globals": "globals",
    "builtins.locals": "locals",
    "builtins.eval": "dynamic",
    "builtins.exec": "dynamic",
    "builtins.__import__": "import",
    "importlib.import_module": "import",
    "typing.cast": "cast",
    "typing_extensions.cast": "cast",
    "typing.TypeVar": "typevar",
    "typing.ParamSpec": "typevar",
    "typing.TypeVarTuple": "typevar",
    "typing_extensions.TypeVar": "typevar",
    "typing_extensions.ParamSpec": "typevar",
    "typing.NewType": "newtype",
    "collections.namedtuple": "namedtuple",
    "dataclasses.dataclass": "dataclass",
    "dataclasses.field": "field",
    "dataclasses.replace": "replace",
    "copy.replace": "replace",
    "contextlib.contextmanager": "contextmanager",
    "contextlib.asynccontextmanager": "contextmanager",
    "types.MethodType": "method",
    "types.new_class": "new_class",
    "builtins.isinstance": "isinstance",
    "builtins.issubclass": "isinstance",
    "weakref.ref": "reference",
    "weakref.WeakMethod": "reference",
    "operator.attrgetter": "attrgetter",
    "operator.methodcaller": "methodcaller",
    "operator.itemgetter": "itemgetter",
    "_operator.attrgetter": "attrgetter",
    "_operator.methodcaller": "methodcaller",
    "_operator.itemgetter": "itemgetter",
    "pytest.fixture": "fixture",
    "pytest.mark.parametrize": "parametrize",
    "pytest.param": "param",
    "_pytest.fixtures.fixture": "fixture",
    "pytest_asyncio.fixture": "fixture",
    "_operator.call": "apply",
    "itertools.starmap": "starmap",
}
DATACLASSES = frozenset(
    "attr.s attr.attrs attr.define attr.frozen attr.mutable attr.dataclass attrs.define "
    "attrs.frozen attrs.mutable".split()
)
# Methods of library classes: what they do to their receiver. Those of `BESIDES` do it besides what
# their annotations say; the others do only this.
METHODS = {
    "builtins.dict.get": "dict_get", "builtins.dict.pop": "dict_get",
    "builtins.dict.__getitem__": "dict_getitem", "builtins.dict.setdefault": "dict_setdefault",
    "builtins.dict.update": "dict_update", "typing.MutableMapping.update": "dict_update",
    "builtins.dict.copy": "dict_copy", "collections.OrderedDict.copy": "dict_copy",
    "collections.defaultdict.copy": "dict_copy", "collections.UserDict.copy": "dict_copy",
    "builtins.dict.__setitem__": "dict_store", "builtins.dict.fromkeys": "dict_fromkeys",
    "collections.OrderedDict.fromkeys": "dict_fromkeys", "collections.OrderedDict.pop": "dict_get",
    "collections.OrderedDict.setdefault": "dict_setdefault",
    "typing.Mapping.get": "dict_get", "typing.MutableMapping.pop": "dict_get",
    "typing.MutableMapping.setdefault": "dict_setdefault",
    "builtins.list.copy": "list_copy", "builtins.list.insert": "disorder",
    "builtins.list.sort": "disorder", "builtins.list.reverse": "disorder",
    "builtins.list.pop": "disorder", "builtins.list.remove": "disorder",
    "builtins.list.__delitem__": "disorder", "builtins.list.extend": "disorder",
    "builtins.object.__getattribute__": "own_getattr", "builtins.object.__setattr__": "own_setattr",
    "builtins.object.__delattr__": "nothing", "builtins.type.__getattribute__": "own_getattr",
    "builtins.type.__setattr__": "own_setattr", "builtins.object.__init_subclass__": "nothing",
    "builtins.type.__call__": "type_call", "builtins.type.__new__": "type_new",
    "builtins.type.__init__": "nothing", "builtins.type.mro": "nothing",
    "builtins.property.__init__": "own_accessors", "builtins.property.__get__": "run_fget",
    "builtins.property.__set__": "run_fset", "builtins.property.__delete__": "run_fdel",
    "builtins.property.getter": "own_fget", "builtins.property.setter": "own_fset",
    "builtins.property.deleter": "own_fdel", "functools.cached_property.__init__": "own_cached",
    "functools.cached_property.__get__": "run_func",
    "builtins.object.__init__": "nothing", "builtins.type.__prepare__": "type_prepare",
    "abc.ABCMeta.register": "register_class",
    "argparse.ArgumentParser.set_defaults": "set_defaults",
    "argparse._ActionsContainer.set_defaults": "set_defaults",
    "typing.Generator.send": "send", "typing.Generator.throw": "resumed",
    "typing.Generator.__next__": "resumed", "typing.Generator.close": "nothing",
    "typing.AsyncGenerator.asend": "asend", "typing.AsyncGenerator.athrow": "asend",
    "typing.AsyncGenerator.__anext__": "asend", "typing.AsyncGenerator.aclose": "nothing_async",
    "typing.Coroutine.send": "resumed", "typing.Coroutine.close": "nothing",
    "contextlib.closing.__exit__": "close", "contextlib.aclosing.__aexit__": "close",
    "contextlib._BaseExitStack.enter_context": "enter_context",
    "contextlib._BaseExitStack.push": "push_exit", "contextlib._BaseExitStack.callback": "callback",
    "contextlib.AsyncExitStack.enter_async_context": "enter_async_context",
    "contextlib.AsyncExitStack.push_async_exit": "push_exit",
    "contextlib.AsyncExitStack.push_async_callback": "callback",
    "contextlib.ContextDecorator.__call__": "within",
    "contextlib.AsyncContextDecorator.__call__": "within",
    "typing.NamedTuple._replace": "nt_replace", "typing.NamedTuple._make": "nt_make",
    "typing.NamedTuple._asdict": "nt_asdict",
    "ast.NodeVisitor.visit": "visit", "ast.NodeVisitor.generic_visit": "generic_visit",
    "ast.NodeTransformer.generic_visit": "generic_visit",
}  # fmt: skip
BESIDES = frozenset("disorder close nothing_async generic_visit".split())
# Methods of ours that a method of a library class calls on its own object, by module and class.
_OWN = {
    "typing.Mapping":
        "get > __getitem__; __contains__ > __getitem__; keys > __iter__; items > __iter__ "
        "__getitem__; values > __iter__ __getitem__; __eq__ > __iter__ __getitem__ __len__",
    "typing.MutableMapping":
        "pop > __getitem__ __delitem__; clear > __iter__ __delitem__; popitem > __iter__ "
        "__getitem__ __delitem__; update > __setitem__; setdefault > __getitem__ __setitem__",
    "typing.Sequence":
        "__iter__ > __getitem__; __contains__ > __getitem__; index > __getitem__; count > "
        "__getitem__; __reversed__ > __len__ __getitem__",
    "typing.MutableSequence":
        "append > __len__ insert; extend > __len__ insert; pop > __getitem__ __delitem__; "
        "remove > __getitem__ __delitem__; reverse > __len__ __getitem__ __setitem__; clear > "
        "__getitem__ __delitem__; __iadd__ > __len__ insert",
    "typing.AbstractSet":
        "isdisjoint > __contains__; __and__ > __contains__; __or__ > __iter__; __sub__ > "
        "__iter__; __le__ > __len__; __lt__ > __len__; __ge__ > __len__; __gt__ > __len__; "
        "__eq__ > __len__",
    "typing.MutableSet":
        "remove > __contains__ discard; pop > __iter__ discard; clear > __iter__ discard; "
        "__ior__ > add; __isub__ > discard",
    "html.parser.HTMLParser":
        "feed > handle_starttag handle_endtag handle_data handle_startendtag handle_comment "
        "handle_decl handle_pi unknown_decl handle_entityref handle_charref",
    "json.encoder.JSONEncoder":
        "encode > default; iterencode > default",
    "cmd.Cmd":
        "onecmd > do_* default emptyline; cmdloop > do_* default emptyline preloop postloop "
        "precmd postcmd; do_help > help_*",
    "string.Formatter":
        "format > get_value get_field format_field convert_field; vformat > get_value "
        "get_field format_field convert_field",
    "argparse.ArgumentParser":
        "parse_args > error; print_help > format_help",
    "logging.Handler":
        "handle > emit filter",
    "configparser.RawConfigParser":
        "get > optionxform; set > optionxform",
    "unittest.case.TestCase":
        "run > setUp tearDown test* setUpClass; debug > setUp tearDown",
}  # fmt: skip
OWN = {
    f"{cls}.{name}": tuple(called.split())
    for cls, rows in _OWN.items()
    for name, called in (row.split(" > ") for row in rows.split("; "))
}
# Methods of ours that a function of the library calls on any object of a library class.
_LOGGING = ("logging.Handler.emit", "logging.Formatter.format", "logging.Filter.filter")
EVERY = {
    f"logging.{prefix}{name}": _LOGGING
    for prefix in ("Logger.", "")
    for name in "debug info warning error critical exception log".split()
}
# Functions that keep a callback and call it later, from no code of ours.
DEFERRED = frozenset(
    "atexit.register threading.Thread threading.Timer concurrent.futures.thread.ThreadPoolExecutor "
    "concurrent.futures._base.Executor concurrent.futures.process.ProcessPoolExecutor "
    "asyncio.threads.to_thread signal.signal multiprocessing.context.Process weakref.finalize "
    "multiprocessing.process.BaseProcess multiprocessing.pool.Pool "
    "asyncio.events.AbstractEventLoop "
    "asyncio.base_events.BaseEventLoop multiprocessing.pool.ThreadPool _thread.start_new_thread "
    "threading.excepthook".split()
)
# What C code asks of the first argument: the first of these that its class has, with the arguments
# after it where `*` stands before.
ASKED = {
    "builtins.len": "__len__", "builtins.repr": "__repr__", "builtins.hash": "__hash__",
    "builtins.abs": "__abs__", "builtins.format": "__format__ __str__ __repr__",
    "builtins.round": "*__round__", "builtins.dir": "__dir__", "builtins.oct": "__index__",
    "builtins.reversed": "__reversed__", "builtins.hex": "__index__", "builtins.bin": "__index__",
    "builtins.chr": "__index__", "builtins.ascii": "__repr__", "builtins.range": "__index__",
    "builtins.str": "__str__ __repr__", "builtins.int": "__int__ __index__ __trunc__",
    "builtins.float": "__float__ __index__", "builtins.bool": "__bool__ __len__",
    "builtins.bytes": "__bytes__ __index__", "builtins.complex": "__complex__ __float__ __index__",
    "builtins.list": "__len__", "builtins.tuple": "__len__", "builtins.sorted": "__len__",
    "math.floor": "__floor__ __float__", "math.ceil": "__ceil__ __float__",
    "math.trunc": "__trunc__", "math.sqrt": "__float__", "math.isnan": "__float__",
    "math.log": "__float__", "math.sin": "__float__", "math.cos": "__float__",
    "math.exp": "__float__", "math.fabs": "__float__", "math.pow": "__float__",
    "copy.copy": "__copy__", "copy.deepcopy": "*__deepcopy__",
    "_operator.index": "__index__", "_operator.truth": "__bool__ __len__",
    "_operator.not_": "__bool__ __len__", "_operator.length_hint": "__len__ __length_hint__",
    "_operator.neg": "__neg__", "_operator.pos": "__pos__", "_operator.abs": "__abs__",
    "_operator.inv": "__invert__", "_operator.invert": "__invert__",
    "_operator.getitem": "*__getitem__", "_operator.setitem": "*__setitem__",
    "_operator.delitem": "*__delitem__", "_operator.contains": "*__contains__ __iter__",
    "os.fspath": "__fspath__", "os.path.join": "__fspath__", "io.open": "__fspath__",
    "builtins.open": "__fspath__", "sys.getsizeof": "__sizeof__", "pickle.dumps": "__reduce__ "
    "__getstate__", "inspect.signature": "", "_operator.countOf": "__iter__",
    "random.choice": "__len__",
}  # fmt: skip
# What is asked of every argument.
ASKED_ALL = {
    "builtins.print": "__str__ __repr__",
    "builtins.str.format": "__format__ __str__ __repr__",
    "logging.Logger.info": "__str__ __repr__",
    "logging.info": "__str__ __repr__",
    "logging.Logger.warning": "__str__ __repr__",
    "logging.warning": "__str__ __repr__",
}
# Of every element of the first argument.
ASKED_EACH = {
    "builtins.all": "__bool__ __len__",
    "builtins.any": "__bool__ __len__",
    "builtins.set": "__hash__",
    "builtins.frozenset": "__hash__",
    "builtins.dict": "",
}
# Functions that are an operator of their two arguments.
OPERATORS = {
    "builtins.divmod": "__divmod__", "builtins.pow": "__pow__",
    **{f"_operator.{name}": f"__{name.strip('_')}__" for name in
       "add sub mul matmul truediv floordiv mod pow lshift rshift and_ or_ xor iadd isub imul "
       "imatmul itruediv ifloordiv imod ipow ilshift irshift iand ior ixor".split()},
    "_operator.concat": "__add__", "_operator.iconcat": "__iadd__",
}  # fmt: skip
COMPARISONS = {f"_operator.{name}": f"__{name}__" for name in "lt le gt ge eq ne".split()}
# Functions that order elements: the comparison, and the argument that holds them.
ORDERING = {
    "builtins.sorted": ("__lt__", 0), "builtins.min": ("__lt__", 0), "builtins.max": ("__gt__", 0),
    "builtins.list.sort": ("__lt__", -1), "_heapq.heappush": ("__lt__", 0),
    "_heapq.heappop": ("__lt__", 0), "_heapq.heapify": ("__lt__", 0),
    "_heapq.heappushpop": ("__lt__", 0), "_heapq.heapreplace": ("__lt__", 0),
    "heapq.nsmallest": ("__lt__", 1), "heapq.nlargest": ("__lt__", 1), "heapq.merge": ("__lt__", 0),
    "_bisect.insort": ("__lt__", 0), "_bisect.insort_left": ("__lt__", 0),
    "_bisect.insort_right": ("__lt__", 0), "_bisect.bisect": ("__lt__", 0),
    "_bisect.bisect_left": ("__lt__", 0), "_bisect.bisect_right": ("__lt__", 0),
    "builtins.list.index": ("__eq__", -1), "builtins.list.remove": ("__eq__", -1),
    "builtins.list.count": ("__eq__", -1), "builtins.tuple.index": ("__eq__", -1),
    "builtins.tuple.count": ("__eq__", -1), "collections.deque.remove": ("__eq__", -1),
    "collections.deque.index": ("__eq__", -1), "collections.deque.count": ("__eq__", -1),
    "queue.PriorityQueue.put": ("__lt__", -1), "queue.Queue.put": ("__lt__", -1),
}  # fmt: skip
# Methods that look a key up by its hash: their first argument, the receiver's keys.
HASHING = frozenset(
    "builtins.dict.get builtins.dict.pop builtins.dict.setdefault builtins.dict.__contains__ "
    "builtins.set.add builtins.set.discard builtins.set.remove builtins.frozenset.__contains__ "
    "builtins.set.__contains__ builtins.dict.__getitem__ builtins.dict.__setitem__".split()
)
