def rows():
    return [[one], [two, one]]


def one():
    return 1


def two():
    return 2


def keep(cell):
    return cell is two


flat = [cell() for row in rows() for cell in row if keep(cell)]
pairs = {(a(), b()) for a in (one,) for b in (two,)}
