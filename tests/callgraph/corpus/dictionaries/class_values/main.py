class Png:
    def save(self):
        return "png"


class Gif:
    def __init__(self):
        self.frames = 1

    def save(self):
        return "gif"


FORMATS = dict(png=Png, gif=Gif)


def write(name):
    image = FORMATS[name]()
    return image.save()


write("png")
write("gif")
