class Task:
    def __init__(self, name, *, on_done, on_fail):
        self.name = name
        self.on_done = on_done
        self.on_fail = on_fail

    def run(self, ok):
        return self.on_done() if ok else self.on_fail(self.name)


def celebrate():
    return "yes"


def apologise(name):
    return "sorry " + name


task = Task("t", on_fail=apologise, on_done=celebrate)
task.run(True)
task.run(False)
