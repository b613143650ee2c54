class User:
    def __init__(self, name):
        self.name = name

    def save(self):
        return self.table()

    def table(self):
        return "users"


class Admin(User):
    def table(self):
        return "admins"
