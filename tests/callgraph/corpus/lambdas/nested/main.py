make = lambda f: lambda x: f(x)


def neg(x):
    return -x


make(neg)(4)
