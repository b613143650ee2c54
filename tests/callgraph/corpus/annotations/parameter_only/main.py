import json


class Event:
    def handle(self):
        return 1


def decode(event: Event):
    return event.handle()


def revive(pairs) -> "Event":
    return Event()


# what json gives back is not known from the program, but the annotation says it
def read(text: str):
    event: Event = json.loads(text, object_hook=revive)
    return decode(event)


read("{}")
