def run_all(*jobs):
    return [job() for job in jobs]


def wash():
    return "washed"


def dry():
    return "dried"


run_all(wash, dry)
