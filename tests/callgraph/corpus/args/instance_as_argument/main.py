class Dog:
    def speak(self):
        return "woof"


class Cat:
    def speak(self):
        return "meow"


def listen(animal):
    return animal.speak()


listen(Dog())
listen(Cat())
