class Command:
    def __init__(self, function, name):
        self.function = function
        self.name = name

    def invoke(self, *args):
        return self.function(*args)


def command(name):
    def wrap(function):
        return Command(function, name)

    return wrap


class Group:
    def __init__(self):
        self.commands = []

    def command(self, function):
        made = Command(function, function.__name__)
        self.commands.append(made)
        return made


cli = Group()


@command("hello")
def hello(who):
    return who


@cli.command
def bye():
    return "bye"


hello.invoke("you")
for each in cli.commands:
    each.invoke()
