class Stop(Exception):
    def __init__(self):
        self.reason = describe()


def describe():
    return "stopped"


try:
    raise Stop
except Stop as stop:
    print(stop.reason)
