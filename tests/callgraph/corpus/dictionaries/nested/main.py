def save_file():
    return "s"


def open_file():
    return "o"


def copy_text():
    return "c"


menus = {"file": {"save": save_file, "open": open_file}, "edit": {"copy": copy_text}}
menus["file"]["open"]()
for menu in menus.values():
    for entry in menu.values():
        entry()
