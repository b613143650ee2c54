def fetch():
    return 1


def store():
    return 2


queue = []
queue.append(fetch)
queue.insert(0, store)
while queue:
    queue.pop()()
