def greet(name):
    return "hello " + name


greet("world")
