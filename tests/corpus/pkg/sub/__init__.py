from .. import colors, Rect
from ..shapes import Square as base
from ... import too_far
from .deep import *
