def weight(item):
    return item[1]


def lightness(item):
    return -item[1]


goods = [("salt", 2), ("iron", 9)]
heavy = max(goods, key=weight)
light = max(goods, key=lightness)
also = min(*goods, key=weight)
