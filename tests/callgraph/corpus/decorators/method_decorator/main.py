def checked(method):
    def wrapper(self, amount):
        self.validate(amount)
        return method(self, amount)

    return wrapper


class Account:
    def __init__(self):
        self.total = 0

    def validate(self, amount):
        assert amount > 0

    @checked
    def deposit(self, amount):
        self.total += amount


Account().deposit(5)
