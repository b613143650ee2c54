from .circle_b import thing
