def prepare():
    return True


READY = prepare()
