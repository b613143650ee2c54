def hello():
    return "bonjour"


def bye():
    return "au revoir"
