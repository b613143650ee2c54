class Box:
    def __len__(self):
        return 2

    def __hash__(self):
        return 1


class Flag:
    def __bool__(self):
        return True


box = Box()
len(box)
hash(box)
bool(Flag())
