def squares(numbers):  #> numbers: local parameter 1
    total = 0
    return [n * total for n in numbers if n]  #> n: local variable 3; total: free variable 2


def nested(rows):
    return {c: {r for r in row} for row in rows for c in row}  #> r: local variable 7; rows: local parameter 6


def escaping(items):
    return [lambda: item for item in items]  #> items: local parameter 10


n = [n for n in range(3)]  #> range: builtin builtin -
gen = (a for a in n if any(b == a for b in n))  #> b: local variable 15
