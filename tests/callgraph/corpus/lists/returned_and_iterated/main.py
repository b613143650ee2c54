def plan():
    steps = []
    for maker in (boil, pour):
        steps.append(maker)
    return steps


def boil():
    return "boil"


def pour():
    return "pour"


[step() for step in plan()]
