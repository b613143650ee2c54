class Start:
    def next(self):
        return Middle()


class Middle:
    def next(self):
        return End()


class End:
    def finish(self):
        return "done"


state = Start()
while not isinstance(state, End):
    state = state.next()
state.finish()
