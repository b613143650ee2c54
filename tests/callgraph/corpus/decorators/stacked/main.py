def bold(f):
    def b():
        return "<b>" + f() + "</b>"

    return b


def italic(f):
    def i():
        return "<i>" + f() + "</i>"

    return i


@bold
@italic
def text():
    return "x"


text()
