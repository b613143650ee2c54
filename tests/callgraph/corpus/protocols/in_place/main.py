class Bag:
    def __init__(self):
        self.items = []

    def __iadd__(self, item):
        self.items.append(item)
        return self

    def __or__(self, other):
        return self

    def size(self):
        return len(self.items)


bag = Bag()
bag += "apple"
bag |= bag
bag.size()
