actions = {
    "plus": lambda a, b: a + b,
    "minus": lambda a, b: a - b,
}


def calculate(op, a, b):
    return actions[op](a, b)


calculate("plus", 1, 2)
calculate("minus", 1, 2)
