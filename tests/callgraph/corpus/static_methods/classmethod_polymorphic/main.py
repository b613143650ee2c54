class Animal:
    @classmethod
    def make(cls):
        animal = cls()
        animal.name()
        return animal

    def name(self):
        return "animal"


class Dog(Animal):
    def name(self):
        return "dog"

    def bark(self):
        return "woof"


Dog.make().bark()
Animal.make()
