from space.one import go


def stop():
    return go()
