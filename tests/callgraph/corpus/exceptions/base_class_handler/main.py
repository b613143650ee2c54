class AppError(Exception):
    def show(self):
        return self.text()

    def text(self):
        return "app"


class NetError(AppError):
    def text(self):
        return "net"


def fetch(problem):
    raise problem


for problem in (NetError, AppError("disk")):
    try:
        fetch(problem)
    except AppError as error:
        error.show()
