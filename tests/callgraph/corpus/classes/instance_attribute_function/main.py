class Button:
    def __init__(self, on_click):
        self.on_click = on_click

    def press(self):
        return self.on_click()


def launch():
    return "launched"


Button(launch).press()
b = Button(lambda: 0)
b.press()
