class Box:
    def get_width(self):
        return 1

    def set_width(self, w):
        pass

    width = property(get_width, set_width)
    depth = property(lambda self: 2)


b = Box()
b.width = b.depth
print(b.width)
