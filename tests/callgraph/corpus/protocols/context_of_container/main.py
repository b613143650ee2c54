class Inventory:
    def __init__(self):
        self._items = {}

    def __setitem__(self, name, item):
        self._items[name] = item

    def __getitem__(self, name):
        return self._items[name]

    def __iter__(self):
        return iter(self._items)


class Sword:
    def swing(self):
        return "swish"


inventory = Inventory()
inventory["sword"] = Sword()
inventory["sword"].swing()
for name in inventory:
    inventory[name].swing()
