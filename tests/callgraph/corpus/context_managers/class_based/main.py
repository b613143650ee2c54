class Lock:
    def __enter__(self):
        self.acquire()
        return self

    def __exit__(self, kind, value, trace):
        self.release()

    def acquire(self):
        pass

    def release(self):
        pass


with Lock():
    pass
