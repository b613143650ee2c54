class Top:
    def name(self):
        return "top"


class Left(Top):
    pass


class Right(Top):
    def name(self):
        return "right"


class Bottom(Left, Right):
    pass


Bottom().name()
Left().name()
