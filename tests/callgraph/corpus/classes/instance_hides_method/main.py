class Robot:
    def act(self):
        return "default"


def dance():
    return "dance"


plain = Robot()
dancer = Robot()
dancer.act = dance
plain.act()


class Still:
    def __init__(self):
        self.move = self.pause

    def move(self):
        return "never"

    def pause(self):
        return "pause"


Still().move()
