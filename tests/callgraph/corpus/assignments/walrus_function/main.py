def find(key):
    return lookup if key else None


def lookup():
    return "found"


if found := find("x"):
    found()
while (again := find("")) is not None:
    again()
