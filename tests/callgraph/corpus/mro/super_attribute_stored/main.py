class Base:
    def save(self):
        return 1


class Model(Base):
    def save(self):
        parent = super()
        original = parent.save
        return original() + 1


Model().save()
