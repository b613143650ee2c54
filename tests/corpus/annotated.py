def typed(a: int, *args: "str", b: float = 1.0, **kw: dict) -> list:  #> int: builtin builtin -; a: local parameter 1; kw: local parameter 1
    count: int = 0  #> count: local variable 2
    bare: int  #> bare: local variable 3
    args.tail: int = 3  #> args: local parameter 1
    return count


lam = lambda p, /, q=lam_default, *r, s, **t: (p, q, r, s, t)  #> p: local parameter 8; lam_default: implicit_global unresolved undefined; t: local parameter 8
