import threading


def worker(n):
    return helper(n)


def helper(n):
    return n


class Loader(threading.Thread):
    def run(self):
        helper(1)


# what a thread runs has no caller in the program
t = threading.Thread(target=worker, args=(1,))
t.start()
t.join()
loader = Loader()
loader.run()
