def square(n):
    return n * n


total = sum(square(n) for n in range(3))
squares = (square(n) for n in range(2))
print(list(squares), total)
