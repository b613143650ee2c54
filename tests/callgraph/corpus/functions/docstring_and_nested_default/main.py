def outer(items=[]):
    """Adds through a helper."""

    def add(item, to=items):
        to.append(item)
        return size()

    def size():
        return len(items)

    return add(3)


outer()
