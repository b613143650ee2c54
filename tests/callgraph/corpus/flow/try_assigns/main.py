def safe():
    return 0


def unsafe():
    return 1


def pick(text):
    try:
        int(text)
        chosen = unsafe
    except ValueError:
        chosen = safe
    return chosen()


pick("1")
pick("x")
