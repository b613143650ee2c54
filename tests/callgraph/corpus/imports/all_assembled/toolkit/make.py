__all__ = ["build"]


def build():
    return _compile()


def _compile():
    return 1
