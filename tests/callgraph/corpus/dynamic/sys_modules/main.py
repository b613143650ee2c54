import sys

import worker

sys.modules["worker"].toil()


def rest():
    return worker.toil


rest()()
