def by_number():
    return 1


def by_text():
    return "1"


def by_pair():
    return (1, 2)


table = {1: by_number, "1": by_text, (1, 2): by_pair}
table["1"]()
table[(1, 2)]()
