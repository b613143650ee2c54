class Room:
    def __init__(self, name, on_enter=None):
        self.name = name
        self.exits = {}
        self.on_enter = on_enter

    def connect(self, direction, other):
        self.exits[direction] = other
        return other

    def enter(self, player):
        player.room = self
        if self.on_enter:
            self.on_enter(player)


class Player:
    def __init__(self, room):
        self.room = room

    def go(self, direction):
        target = self.room.exits.get(direction)
        if target is None:
            return complain(direction)
        return target.enter(self)


def complain(direction):
    return "no way " + direction


def trap(player):
    player.go("back")


hall = Room("hall")
hall.connect("down", Room("cellar", on_enter=trap))
hero = Player(hall)
hero.go("up")
hero.go("down")
