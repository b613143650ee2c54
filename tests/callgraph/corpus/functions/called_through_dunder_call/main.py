def visit():
    return "visited"


visit.__call__()


class Caller:
    def __call__(self):
        return visit()


c = Caller()
c.__call__()
c()
