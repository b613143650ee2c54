from typing import Generic, TypeVar

T = TypeVar("T")


class Box(Generic[T]):
    def __init__(self, value: T) -> None:
        self.value = value

    def get(self) -> T:
        return self.value

    def put(self, value: T) -> None:
        self.value = value


class Fish:
    def swim(self):
        return "swim"


box = Box[Fish](Fish())
box.get().swim()
box.put(Fish())
