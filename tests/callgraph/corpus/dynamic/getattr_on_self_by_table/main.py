class Machine:
    transitions = {"start": "on_start", "stop": "on_stop"}

    def fire(self, event):
        return getattr(self, self.transitions[event])()

    def on_start(self):
        return self.log("start")

    def on_stop(self):
        return self.log("stop")

    def log(self, what):
        return what


m = Machine()
m.fire("start")
m.fire("stop")
