class Quacks(type):
    def __instancecheck__(cls, instance):
        return looks(instance)


def looks(instance):
    return hasattr(instance, "quack")


class Duck(metaclass=Quacks):
    pass


class Robot:
    def quack(self):
        return "beep"


robot = Robot()
if isinstance(robot, Duck):
    robot.quack()
