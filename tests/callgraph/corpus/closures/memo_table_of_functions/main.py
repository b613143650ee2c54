def dispatcher():
    table = {}

    def register(kind, function):
        table[kind] = function

    def dispatch(kind):
        return table[kind]()

    return register, dispatch


register, dispatch = dispatcher()


def cats():
    return "meow"


def dogs():
    return "woof"


register("cat", cats)
register("dog", dogs)
dispatch("cat")
dispatch("dog")
