class Undo:
    def __init__(self):
        self.stack = []

    def do(self, action, inverse):
        action()
        self.stack.append(inverse)

    def undo(self):
        self.stack.pop()()


def paint():
    return "paint"


def erase():
    return "erase"


u = Undo()
u.do(paint, erase)
u.undo()
