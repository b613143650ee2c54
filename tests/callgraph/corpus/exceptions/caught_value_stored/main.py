class Failure(Exception):
    def retry(self):
        return True


class Runner:
    def __init__(self):
        self.last = None

    def go(self):
        try:
            self.work()
        except Failure as failure:
            self.last = failure

    def work(self):
        raise Failure()


r = Runner()
r.go()
r.last.retry()
