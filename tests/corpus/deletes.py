import os, sys  #> os: local import 1; sys: local import 1

x = y = 1
del x, (y)  #> x: local variable 3; y: local variable 3
del os.path  #> os: local import 1


def remove():
    del gone  #> gone: local variable 9
    with open("f") as f, open("g") as (a, [b, *c]):  #> f: local variable 10; c: local variable 10
        del f, a, b, c
    for i, *j in f:  #> i: local variable 12; j: local variable 12
        pass
