def read(lines):
    for line in lines:
        yield clean(line)


def clean(line):
    return line.strip()


def keep(lines, wanted):
    for line in lines:
        if wanted(line):
            yield line


def not_empty(line):
    return bool(line)


list(keep(read(["a ", " "]), not_empty))
