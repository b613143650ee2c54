def assist():
    return _private()


def _private():
    return 1
