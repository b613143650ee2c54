def check():
    return True


def data():
    return [1]


def clean():
    return None


if check():
    pass
while not check():
    pass
for item in data():
    pass
assert check(), data()
with open(__file__) as handle:
    clean()
del data()[0]
