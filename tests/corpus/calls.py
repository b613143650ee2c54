import os.path, os.path as p  #> os: local import 1; p: local import 1

a.b.c()(1)[2].d(*x, **y)  #> a: implicit_global unresolved undefined
f(g(h(1), k=2), *[3])
(f)(1)
"".join(x for x in y)
os.path.join(p.sep)  #> os: local import 1; p: local import 1
(yield_ := f)(lambda: f)
print(
    1,
    end="",
)
