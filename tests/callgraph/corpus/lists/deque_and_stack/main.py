from collections import deque


def load():
    return 1


def unload():
    return 2


line = deque([load])
line.append(unload)
line.popleft()()
line.pop()()
