def model(validator):
    class Model:
        def set(self, value):
            return validator(value)

    return Model


def positive(n):
    return n > 0


def even(n):
    return n % 2 == 0


model(positive)().set(1)
model(even)().set(2)
