def implement():
    return "deep"
