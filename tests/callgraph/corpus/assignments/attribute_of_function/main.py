def counter():
    counter.calls += 1
    counter.report(counter.calls)


def report(n):
    return n


counter.calls = 0
counter.report = report
counter()
