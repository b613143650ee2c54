import sys


def narrow():
    return 1


def wide():
    return 2


def main():
    for flag in (True, False):
        shape = narrow if flag else wide
        shape()


main()
