class Cheapest:
    def choose(self, options):
        return min(options)


class Random:
    def choose(self, options):
        return options[0]


class Shop:
    def __init__(self, strategy):
        self.strategy = strategy

    def buy(self):
        return self.strategy.choose([2, 1])

    def switch(self, strategy):
        self.strategy = strategy


shop = Shop(Cheapest())
shop.buy()
shop.switch(Random())
shop.buy()
