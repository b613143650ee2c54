def square(n):
    return n * n


print(list(map(square, range(4))))
