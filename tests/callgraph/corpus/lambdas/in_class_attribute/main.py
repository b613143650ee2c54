class Rules:
    always = staticmethod(lambda: True)
    check = staticmethod(lambda n: helper(n))


def helper(n):
    return n > 0


Rules.always()
Rules().check(3)
