def a():
    return 0


def b():
    return 1


for index, function in enumerate([a, b]):
    assert function() == index
for function, expected in zip((a, b), (0, 1)):
    assert function() == expected
