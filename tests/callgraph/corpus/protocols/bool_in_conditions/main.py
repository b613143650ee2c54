class Result:
    def __init__(self, ok):
        self.ok = ok

    def __bool__(self):
        return self.ok


def describe(result):
    return "good" if result else "bad"


describe(Result(True))
not Result(False)
while Result(False):
    pass
Result(True) and Result(False) or None
