def collect(into):
    into.append(finish)


def finish():
    return "finished"


def run(steps):
    for step in steps:
        step()


todo = []
collect(todo)
run(todo)
