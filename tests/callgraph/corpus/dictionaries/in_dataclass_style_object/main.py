class Commands:
    def __init__(self, **table):
        self.table = table

    def extend(self, other):
        self.table.update(other.table)
        return self

    def call(self, name):
        return self.table[name]()


def up():
    return 1


def down():
    return -1


Commands(up=up).extend(Commands(down=down)).call("down")
Commands(up=up).call("up")
