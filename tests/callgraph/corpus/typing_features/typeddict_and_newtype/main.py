from typing import NewType, TypedDict

UserId = NewType("UserId", int)


class Movie(TypedDict):
    title: str
    play: object


def start():
    return "film"


movie: Movie = {"title": "x", "play": start}
movie["play"]()
m2 = Movie(title="y", play=start)
m2["play"]()
UserId(3)
