class Bad(Exception):
    def name(self):
        return "bad"


def fail():
    raise ExceptionGroup("many", [Bad(), TypeError()])


try:
    fail()
except* Bad as group:
    for each in group.exceptions:
        each.name()
except* TypeError:
    pass
