def parse(args):
    return args


def main(args):
    return parse(args)


if __name__ == "__main__":
    main(["-v"])
