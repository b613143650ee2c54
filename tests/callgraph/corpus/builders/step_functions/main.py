class Pizza:
    def __init__(self, toppings):
        self.toppings = toppings

    def eat(self):
        return "yum"


class Builder:
    def __init__(self):
        self._toppings = []

    def add(self, topping):
        self._toppings.append(topping)
        return self

    def build(self):
        return Pizza(self._toppings)


def margherita(builder):
    return builder.add("cheese").add("basil")


def director(recipe):
    return recipe(Builder()).build()


director(margherita).eat()
director(lambda b: b.add("ham")).eat()
