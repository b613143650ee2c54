class Problem(Exception):
    def __init__(self, hint):
        super().__init__(hint)
        self.hint = hint

    @property
    def text(self):
        return self.hint()


def tip():
    return "turn it off and on"


def act():
    try:
        raise Problem(tip)
    except Problem:
        raise


try:
    act()
except Exception as error:
    error.text
