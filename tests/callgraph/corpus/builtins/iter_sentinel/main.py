lines = ["a", "b", ""]


def next_line():
    return lines.pop(0)


for line in iter(next_line, ""):
    print(line)
