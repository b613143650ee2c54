from .shapes import *  # Square and Round
from .shapes import Square as Rect  #> Rect: local import 2
from . import colors as _colors, sub
from .colors import red, RED

__all__ = ["Rect", "red"]
__all__ += ["Round", "sub"]

print(Square, shapes)  #> Square: star_import class 4; shapes: submodule module 1
