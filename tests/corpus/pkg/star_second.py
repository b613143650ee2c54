from pkg.star_circle import both


def other(): return both
