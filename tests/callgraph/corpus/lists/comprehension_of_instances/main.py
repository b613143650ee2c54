class Bot:
    def __init__(self, n):
        self.n = n

    def tick(self):
        return self.n


bots = [Bot(n) for n in range(3)]
[bot.tick() for bot in bots if bot.n]
bots[0].tick()
