def log(level, *parts):
    emit(level, *parts)


def emit(level, first, second="-"):
    return first(level), second


def stamp(level):
    return level + 1


log(1, stamp)
log(2, stamp, "again")
