from collections import UserDict


class Lower(UserDict):
    def __setitem__(self, key, value):
        super().__setitem__(self.fold(key), value)

    def fold(self, key):
        return key.lower()


d = Lower()
d["A"] = 1
