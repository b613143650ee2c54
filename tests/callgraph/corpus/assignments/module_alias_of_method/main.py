class Printer:
    def out(self, text):
        self.last = text


p = Printer()
say = p.out
say("a")
unbound = Printer.out
unbound(p, "b")
