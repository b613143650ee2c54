from dataclasses import dataclass


@dataclass
class Order:
    price: int
    count: int = 1

    def __post_init__(self):
        self.total = self.compute()

    def compute(self):
        return self.price * self.count


Order(3).compute()
