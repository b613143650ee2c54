def x():
    return 0


def y():
    return 1


grid = [[x], [y, x]]
for row in grid:
    for cell in row:
        cell()
grid[1][0]()
