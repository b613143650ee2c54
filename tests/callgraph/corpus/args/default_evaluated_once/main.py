def seed():
    return 7


def sample(n=seed()):
    return n


sample()
sample(3)
