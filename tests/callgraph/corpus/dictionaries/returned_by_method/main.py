class Menu:
    def entries(self):
        return {"new": self.create, "quit": leave}

    def create(self):
        return "created"


def leave():
    return "bye"


menu = Menu()
menu.entries()["new"]()
for title, action in sorted(menu.entries().items()):
    action()
