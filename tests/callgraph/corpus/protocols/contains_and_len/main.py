class Club:
    def __init__(self, *names):
        self.names = set(names)

    def __contains__(self, name):
        return self.normal(name) in self.names

    def __len__(self):
        return len(self.names)

    def normal(self, name):
        return name.lower()


club = Club("ann")
if "ANN" in club and "bob" not in club:
    print(len(club))
if club:
    pass
