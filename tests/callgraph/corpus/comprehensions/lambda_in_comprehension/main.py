def use(n):
    return n


checks = {n: (lambda x, n=n: use(x) == n) for n in (1, 2)}
[check(1) for check in checks.values()]
