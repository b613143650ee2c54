class Remote:
    def __getattr__(self, name):
        def call(*args):
            return self._send(name, args)

        return call

    def _send(self, name, args):
        return name, args


Remote().ping(1)
