from .parts import spark

spark()


def boot():
    from engine.parts import wheels

    return wheels()
