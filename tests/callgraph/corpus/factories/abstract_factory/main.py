class DarkButton:
    def paint(self):
        return "dark"


class LightButton:
    def paint(self):
        return "light"


class Dark:
    def button(self):
        return DarkButton()


class Light:
    def button(self):
        return LightButton()


class App:
    def __init__(self, theme):
        self.theme = theme
        self.button = theme.button()

    def show(self):
        return self.button.paint()


for theme in (Dark(), Light()):
    App(theme).show()
