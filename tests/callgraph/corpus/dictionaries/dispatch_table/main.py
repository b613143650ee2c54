def add(a, b):
    return a + b


def sub(a, b):
    return a - b


OPERATIONS = {"+": add, "-": sub}


def evaluate(op, a, b):
    return OPERATIONS[op](a, b)


evaluate("+", 1, 2)
evaluate("-", 1, 2)
