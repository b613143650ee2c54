import json


def revive(pairs):
    return Item(pairs)


class Item:
    def __init__(self, pairs):
        self.pairs = pairs


def encode(value):
    return value.pairs


item = Item({"a": 1})
text = json.dumps(item, default=encode)
json.loads(text, object_hook=revive)
