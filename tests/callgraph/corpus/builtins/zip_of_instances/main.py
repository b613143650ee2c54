class Key:
    def turn(self):
        return 1


class Lock:
    def open(self, key):
        return key.turn()


for key, lock in zip([Key()], [Lock()]):
    lock.open(key)
