def install(table):
    table["run"] = runner


def runner():
    return "ran"


def old():
    return "old"


table = {"run": old}
table["run"]()
install(table)
table["run"]()
