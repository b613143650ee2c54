from tools import marks


@marks.slow
def crunch():
    return 1


@marks.tagged("x")
def label():
    return 2


crunch()
label()
