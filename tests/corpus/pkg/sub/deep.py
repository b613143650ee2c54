from pkg import red, Rect as R, nothing
import pkg.sub.deep, pkg.absent
import pkg.shapes as s
from pkg.sub import base, _private, deep
from laid.inner import thing
from part.namespace import value
from ..stubbed import typed, only_in_stub


def use():
    import pkg.colors
    return pkg, s.Square, base
