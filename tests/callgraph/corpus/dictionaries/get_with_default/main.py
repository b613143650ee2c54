def known():
    return 1


def unknown():
    return 0


table = {"k": known}


def look(key):
    return table.get(key, unknown)()


look("k")
look("z")
