def fix(f, n):
    return f(fix, n)


def countdown(again, n):
    return 0 if n == 0 else again(countdown, n - 1)


fix(countdown, 2)
