class AppError(Exception):
    def show(self):
        return self.text()

    def text(self):
        return "app"


class NetError(AppError):
    def text(self):
        return "net"


def fetch():
    raise NetError


try:
    fetch()
except AppError as error:
    error.show()
