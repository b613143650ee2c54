def red():
    return "red"


def blue():
    return "blue"


calls = []
for colour in (red, blue):

    def paint():
        return colour()

    calls.append(paint)
for call in calls:
    call()  # both run the last colour, which only the order of the loop tells
