import os


def unix():
    return "/"


def windows():
    return "\\"


def always():
    return True


def never():
    return False


for test in (always, never):
    separator = test() and unix or windows
    separator()
