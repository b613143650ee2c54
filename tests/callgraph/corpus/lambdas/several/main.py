double, half = lambda n: n * 2, lambda n: n / 2
print(double(2), half(2))
