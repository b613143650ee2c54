import heapq
from collections import Counter, OrderedDict


class Task:
    def __init__(self, cost):
        self.cost = cost

    def __lt__(self, other):
        return self.cost < other.cost

    def run(self):
        return self.cost


heap = []
heapq.heappush(heap, Task(2))
heapq.heappush(heap, Task(1))
heapq.heappop(heap).run()
table = OrderedDict(a=Task(3))
table["a"].run()
Counter("abc").most_common(1)
