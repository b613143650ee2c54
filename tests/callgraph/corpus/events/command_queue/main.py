class Command:
    def __init__(self, receiver, action, *args):
        self.receiver, self.action, self.args = receiver, action, args

    def execute(self):
        return self.action(self.receiver, *self.args)


class Lamp:
    def on(self, level):
        return level

    def off(self):
        return 0


queue = [Command(Lamp(), Lamp.on, 3), Command(Lamp(), Lamp.off)]
while queue:
    queue.pop(0).execute()
