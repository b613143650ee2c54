class Parser:
    def parse(self):
        return 1


def get(ready):
    return Parser() if ready else None


for ready in (True, False):
    parser = get(ready)
    if parser is not None:
        parser.parse()
