class Greeter:
    def hello(self):
        return "hello"


Alias = Greeter
Alias().hello()
Other = Alias
instance = Other()
Greeter.hello(instance)
