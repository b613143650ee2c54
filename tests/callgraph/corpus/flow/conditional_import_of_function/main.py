try:
    from quick_parser_not_installed import parse
except ImportError:

    def parse(text):
        return tokens(text)


def tokens(text):
    return text.split()


def run(parser=parse):
    return parser("a b")


run()
