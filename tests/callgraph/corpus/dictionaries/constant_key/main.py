def start():
    return "start"


def stop():
    return "stop"


commands = {"start": start, "stop": stop}
commands["start"]()
