class Tool:
    def use(self):
        return "old"


old = Tool()


class Tool:
    def use(self):
        return self.better()

    def better(self):
        return "new"


Tool().use()
