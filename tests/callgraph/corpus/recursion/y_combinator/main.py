def y(f):
    return (lambda x: x(x))(lambda x: f(lambda n: x(x)(n)))


def step(recur):
    return lambda n: 0 if n == 0 else 1 + recur(n - 1)


y(step)(2)
