from collections import deque


class Graph:
    def __init__(self):
        self.edges = {}

    def add(self, a, b):
        self.edges.setdefault(a, set()).add(b)

    def neighbours(self, node):
        return sorted(self.edges.get(node, ()))


def search(graph, start, visit, frontier):
    seen = {start}
    frontier.append(start)
    while frontier:
        node = frontier.popleft()
        visit(node)
        for other in graph.neighbours(node):
            if other not in seen:
                seen.add(other)
                frontier.append(other)


order = []


def remember(node):
    order.append(node)


g = Graph()
g.add("a", "b")
g.add("b", "c")
search(g, "a", remember, deque())
