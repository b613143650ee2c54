counter = 0  #> counter: explicit_global variable 1


def bump():
    global counter, made_here  #> counter: explicit_global variable 1; made_here: explicit_global variable 7
    counter += 1  #> counter: explicit_global variable 1
    made_here = counter


def shadow(counter):  #> counter: cell parameter 10
    def inner():
        global counter  #> counter: explicit_global variable 1

        def innermost():
            return counter  #> counter: implicit_global variable 1

        return innermost

    return inner, lambda: counter  #> counter: free parameter 10


def nobody():
    global never_bound  #> never_bound: explicit_global unresolved undefined
    return never_bound


def declares(len_):
    global len  #> len: builtin builtin -
    return len(len_)


print(made_here)  #> made_here: explicit_global variable 7


def bracketed():
    (nothing): int  #> nothing: implicit_global unresolved undefined
    return __file__  #> __file__: implicit_global unresolved interpreter
