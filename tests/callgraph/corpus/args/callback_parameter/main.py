def apply(action, value):
    return action(value)


def double(x):
    return 2 * x


def shout(text):
    return text.upper()


print(apply(double, 4))
print(apply(shout, "hey"))
