class Stack(list):
    def push(self, item):
        self.append(item)

    def peek(self):
        return self[-1]


class Plate:
    def wash(self):
        return "clean"


s = Stack()
s.push(Plate())
s.peek().wash()
s.pop().wash()
