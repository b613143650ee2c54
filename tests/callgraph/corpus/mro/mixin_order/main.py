class LoudMixin:
    def speak(self):
        return super().speak().upper()


class Dog:
    def speak(self):
        return "woof"


class LoudDog(LoudMixin, Dog):
    pass


LoudDog().speak()
