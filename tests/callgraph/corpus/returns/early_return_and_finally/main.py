def attempt(ok):
    try:
        if ok:
            return succeed
        raise ValueError
    except ValueError:
        return fail
    finally:
        note()


def succeed():
    return 1


def fail():
    return 0


def note():
    pass


attempt(True)()
attempt(False)()
