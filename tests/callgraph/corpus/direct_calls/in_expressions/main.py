def yes():
    return True


def no():
    return False


def value():
    return 3


result = [value()] + [value() if yes() else value()]
flag = no() or yes()
text = f"{value():>4}" + str(not no())
result[value() - 3] += value()
