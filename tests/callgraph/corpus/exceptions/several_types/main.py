class A(Exception):
    def cure(self):
        return "a"


class B(Exception):
    def cure(self):
        return "b"


def throw(kind):
    raise kind


for kind in (A, B):
    try:
        throw(kind)
    except (A, B) as found:
        found.cure()
