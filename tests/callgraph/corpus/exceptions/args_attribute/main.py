class Missing(KeyError):
    def __str__(self):
        return "missing " + self.args[0]


try:
    raise Missing("x")
except KeyError as error:
    print(str(error))
    print(f"{error}")
