def last(items):
    found = [kept := item for item in items]  #> kept: free variable 2; found: local variable 2
    return kept  #> kept: cell variable 2


if (size := len("abc")) > 2:  #> size: local variable 6; len: builtin builtin -
    print(size)

deep = [[inner := y for y in range(x)] for x in range(3)]  #> inner: explicit_global variable 9
print(inner)  #> inner: explicit_global variable 9


def shared():
    global chosen  #> chosen: explicit_global variable 15
    return [chosen := c for c in "abc"]  #> chosen: explicit_global variable 15
