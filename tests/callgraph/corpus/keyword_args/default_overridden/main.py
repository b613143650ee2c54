def plain(s):
    return s


def fancy(s):
    return "*" + s


def render(text, style=plain, wrap=None):
    styled = style(text)
    return wrap(styled) if wrap else styled


def box(s):
    return "[" + s + "]"


render("x")
render("x", wrap=box)
render("x", style=fancy)
