def positive(n):
    return n > 0


def small(n):
    return n < 10


def check(n, rules):
    return all(rule(n) for rule in rules)


check(3, [positive, small])
any(map(positive, [0, 1]))
