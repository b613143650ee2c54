def jump():
    return 1


def duck():
    return 2


moves = {}
moves["jump"] = jump
moves["duck"] = duck
moves["duck"]()
moves["jump"] = duck
moves["jump"]()
