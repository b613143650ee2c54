"""Annotations that Python skips are read as if it did not."""

from __future__ import annotations  #> annotations: local import 3

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal  #> Decimal: local import 8


def outer(kind):  #> kind: local parameter 11
    def inner(value: kind) -> Decimal:  #> kind: local parameter 11; Decimal: implicit_global import 8
        local: kind = value  #> kind: free parameter 11; value: local parameter 12
        return local

    class Held:
        field: kind  #> kind: free parameter 11; field: local attribute 17
        other: Held  #> Held: free class 16
        many: [k for k in kind]  #> k: local variable 19; kind: free parameter 11

    return inner, Held


future: Later  #> future: local variable 24; Later: local class 27


class Later:
    pass
