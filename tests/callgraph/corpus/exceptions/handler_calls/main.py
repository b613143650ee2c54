def risky():
    raise ValueError("no")


def recover():
    return 1


def fine():
    return 2


def always():
    return 3


for attempt in (risky, int):
    try:
        attempt()
    except ValueError:
        recover()
    else:
        fine()
    finally:
        always()
