class Window:
    def __init__(self):
        def on_close():
            self.closed()

        self.on_close = on_close

    def closed(self):
        return True


w = Window()
w.on_close()
