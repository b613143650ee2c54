from . import core
from .core import helper
from .sub.deep import dive


def run():
    core.work()
    helper()
    dive()
