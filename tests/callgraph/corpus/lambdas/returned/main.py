def adder(n):
    return lambda m: n + m


adder(1)(2)
plus_three = adder(3)
plus_three(4)
