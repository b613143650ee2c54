import config


def loud(message):
    return message.upper()


config.say("before")
config.printer = loud
config.say("after")
