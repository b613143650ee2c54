def low(n):
    return "low"


def high(n):
    return "high"


def is_low(n):
    return n < 5


def always(n):
    return True


RULES = ((is_low, low), (always, high))


def classify(n):
    for test, answer in RULES:
        if test(n):
            return answer(n)
    return None


classify(1)
classify(9)
