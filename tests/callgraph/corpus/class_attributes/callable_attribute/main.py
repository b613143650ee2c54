def dump(data):
    return str(data)


class Writer:
    encoder = staticmethod(dump)
    fallback = None

    def write(self, data):
        return self.encoder(data)


class Custom(Writer):
    encoder = staticmethod(repr)


Writer().write(1)
Writer.encoder(2)
