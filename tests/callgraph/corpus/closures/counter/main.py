def counter():
    count = 0

    def increment():
        nonlocal count
        count += step()
        return count

    return increment


def step():
    return 1


tick = counter()
tick()
