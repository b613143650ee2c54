def cost(n):
    return n


def label(n):
    return str(n)


notes = {cost: "money", label: label}
for f in notes:
    f(1)
