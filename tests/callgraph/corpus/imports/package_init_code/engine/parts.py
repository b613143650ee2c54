def spark():
    return "spark"


def wheels():
    return spark()
