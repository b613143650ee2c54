x = "module"  #> x: local variable 1


class Box:  #> Box: local class 4
    x = x  #> x: local attribute 5
    y = [x for _ in range(2)]  #> x: implicit_global variable 1; range: builtin builtin -
    z = [i for i in x]  #> x: local attribute 5; i: local variable 7

    def get(self):  #> get: local method 9; self: local parameter 9
        return x  #> x: implicit_global variable 1

    def size(self, to=get):  #> get: local method 9
        return to


def around():
    x = 1  #> x: cell variable 17

    class Inner:
        y = x  #> x: free variable 17

        def method(self):
            return x, y  #> x: free variable 17; y: implicit_global unresolved undefined

    return Inner


class First:
    def name(self):
        return 1

    class name:  #> name: local attribute 29
        pass
