__all__ = ["walk", "_creep"]


def run():
    return "theirs"


def walk():
    return run()


def _creep():
    return 0
