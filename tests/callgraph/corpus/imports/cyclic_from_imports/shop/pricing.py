from shop import order


def price(thing):
    return 1 if isinstance(thing, order.Order) else default()


def default():
    return 0


default()
