def value():
    return 5


result = (lambda: value())()
