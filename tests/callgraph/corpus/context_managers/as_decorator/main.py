from contextlib import ContextDecorator, closing


class Timed(ContextDecorator):
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return False


class Pipe:
    def close(self):
        return "closed"

    def send(self):
        return "sent"


with Timed():
    pass
with closing(Pipe()) as pipe:
    pipe.send()
