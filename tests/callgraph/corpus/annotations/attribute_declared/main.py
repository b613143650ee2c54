import copy


class Engine:
    def run(self):
        return "run"


class Car:
    engine: Engine

    def __init__(self, prototype):
        self.engine = copy.deepcopy(prototype)

    def drive(self):
        return self.engine.run()


Car(Engine()).drive()
