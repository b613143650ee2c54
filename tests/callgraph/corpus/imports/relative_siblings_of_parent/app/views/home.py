from . import latest
from ..models import Post


def page():
    return latest().title() + Post().title()
