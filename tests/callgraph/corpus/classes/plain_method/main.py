class Greeter:
    def hello(self):
        return "hello"


g = Greeter()
g.hello()
