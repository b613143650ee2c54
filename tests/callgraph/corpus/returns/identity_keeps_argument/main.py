def same(x):
    return x


def one():
    return 1


class Two:
    def two(self):
        return 2


same(one)()
same(Two()).two()
