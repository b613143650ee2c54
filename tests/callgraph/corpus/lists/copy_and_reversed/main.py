def red():
    return 1


def green():
    return 2


lights = [red, green]
for light in reversed(lights):
    light()
for light in list(lights):
    light()
for light in lights.copy():
    light()
for light in tuple(lights):
    light()
