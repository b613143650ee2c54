class Stack[T]:
    def push[U: int](self, item: T, other: U) -> T:
        return item


type Pair[A, *B, **C] = tuple[A, *B]


def first[T](items: list[T]) -> T:
    return items[0]
