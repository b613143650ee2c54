def configure(**hooks):
    hooks["before"]()
    hooks["after"]()


def warm_up():
    pass


def cool_down():
    pass


configure(before=warm_up, after=cool_down)
