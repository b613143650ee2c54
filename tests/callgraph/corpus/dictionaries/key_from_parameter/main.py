def heads():
    return "H"


def tails():
    return "T"


coin = {"h": heads, "t": tails}


def flip(side):
    return coin[side]()


flip("h")
flip("t")
