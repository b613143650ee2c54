class Post:
    def title(self):
        return "t"


def latest():
    return Post()
