class Download:
    on_progress = None
    on_done = None

    def run(self):
        if self.on_progress:
            self.on_progress(50)
        self.on_done()


def progress(percent):
    return percent


def done():
    return True


d = Download()
d.on_progress = progress
d.on_done = done
d.run()
