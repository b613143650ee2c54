class User:
    def __init__(self, name):
        self.name = name

    def __str__(self):
        return self.title()

    def title(self):
        return self.name.title()


user = User("ann")
print(f"hello {user}")
print("hello %s" % user)
print(user)
