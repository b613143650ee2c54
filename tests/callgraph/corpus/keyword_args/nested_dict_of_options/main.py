def connect(url, options):
    return options["retry"](url)


def thrice(url):
    return [url] * 3


def start(**kw):
    return connect("u", kw)


start(retry=thrice)
