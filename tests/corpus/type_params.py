class Stack[T]:  #> T: cell type parameter 1; Stack: local class 1
    def push[U: int](self, item: T, other: U) -> T:  #> U: local type parameter 2; int: builtin builtin -; T: free type parameter 1
        return item, T  #> T: free type parameter 1


type Pair[A, *B, **C] = tuple[A, *B]  #> tuple: builtin builtin -; C: local type parameter 6


def first[T](items: list[T]) -> T:  #> T: local type parameter 9; list: builtin builtin -
    return items[0]


class Outer:
    kind = 1

    def method[K: kind](self):  #> kind: implicit_global attribute 14
        return K  #> K: free type parameter 16
