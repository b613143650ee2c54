def make_buttons(actions):
    buttons = []
    for action in actions:

        def press(action=action):
            return action()

        buttons.append(press)
    return buttons


def open_menu():
    return "open"


def close_menu():
    return "close"


for button in make_buttons([open_menu, close_menu]):
    button()
