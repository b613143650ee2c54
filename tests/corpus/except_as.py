def guarded():
    try:
        work()  #> work: implicit_global unresolved undefined
    except (ValueError, KeyError) as error:  #> error: local variable 4; KeyError: builtin builtin -
        print(error)
    except OSError as error:  #> error: local variable 4
        raise RuntimeError from error
    else:
        error = None
    return error


try:
    import missing_module as maybe  #> maybe: local variable 14
except ImportError as problem:  #> problem: local variable 15
    maybe = None  #> maybe: local variable 14

try:
    pass
except* TypeError as group:  #> group: local variable 20
    del group
