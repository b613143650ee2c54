class Player:
    def __init__(self):
        self.state = self.stopped

    def stopped(self):
        self.state = self.playing

    def playing(self):
        self.state = self.stopped

    def toggle(self):
        self.state()


p = Player()
p.toggle()
p.toggle()
