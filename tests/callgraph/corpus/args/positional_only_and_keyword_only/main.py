def fetch(getter, /, *, post):
    return post(getter())


def read():
    return " text "


def trim(text):
    return text.strip()


fetch(read, post=trim)
