def quiet(message):
    return None


def loud(message):
    return message + "!"


def report(message, sink=quiet):
    return sink(message)


report("nothing to see")
report("look", loud)
