def open_door(**options):
    return turn(**options)


def turn(key, creak=None):
    if creak is not None:
        creak()
    return key()


def brass():
    return "brass"


def eek():
    pass


open_door(key=brass)
open_door(key=brass, creak=eek)
