def alpha():
    pass


def beta():
    pass


steps = [alpha]
steps += [beta]
for step in steps:
    step()
