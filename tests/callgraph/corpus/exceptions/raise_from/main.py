class Low(Exception):
    def code(self):
        return 1


class High(Exception):
    def code(self):
        return 2


def lower():
    raise Low


def upper():
    try:
        lower()
    except Low as cause:
        cause.code()
        raise High from cause


try:
    upper()
except High as error:
    error.code()
