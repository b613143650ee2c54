def quiet(message):
    return message


printer = quiet


def say(message):
    return printer(message)
