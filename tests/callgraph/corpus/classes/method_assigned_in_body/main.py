def describe(self):
    return self.kind


class Rock:
    kind = "rock"
    tell = describe
    say = lambda self: self.kind


r = Rock()
r.tell()
r.say()
