from collections import defaultdict
from dataclasses import dataclass


@dataclass
class Item:
    name: str
    price: float

    def discounted(self, rule):
        return rule(self.price)


class Warehouse:
    def __init__(self):
        self.shelves = defaultdict(list)

    def store(self, shelf, item):
        self.shelves[shelf].append(item)
        return self

    def items(self):
        for shelf in self.shelves.values():
            yield from shelf

    def value(self, rule=None):
        rule = rule or full_price
        return sum(item.discounted(rule) for item in self.items())


def full_price(price):
    return price


def half_price(price):
    return price / 2


house = Warehouse().store("a", Item("x", 1)).store("b", Item("y", 2))
house.value()
house.value(half_price)
