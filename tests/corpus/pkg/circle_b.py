from .circle_a import thing
