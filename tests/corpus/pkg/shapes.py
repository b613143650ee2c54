__all__ = ["Square"]


class Square:
    pass


class Round(Square):  #> Square: local class 4
    pass


__all__.append("Round")
