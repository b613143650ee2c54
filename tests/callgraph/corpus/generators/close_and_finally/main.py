def session():
    try:
        yield opened
    finally:
        cleanup()


def opened():
    return 1


def cleanup():
    return 2


s = session()
next(s)()
s.close()
