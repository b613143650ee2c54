def ping():
    return "ping"


def pong():
    return "pong"


def play():
    first, second = ping, pong
    first, second = second, first
    return first()


assert play() == "pong"
