def low(pair):
    return pair[1]


ranks = {"a": 2, "b": 1}
first, *rest = sorted(ranks.items(), key=low)
names = dict.fromkeys(ranks, low)
names["a"](("x", 1))
