class __Secret:
    __hidden = 1  #> __hidden: local attribute 2

    def reveal(self, __value):
        def deeper():
            return __value  #> __value: free parameter 4

        return __hidden, deeper  #> __hidden: implicit_global variable 15

    def __init__(self):
        import os as __os  #> __os: local import 11
        self.__os = __os  #> __os: local import 11


_Secret__hidden = 2


class Other:
    def method(self):
        return __Secret  #> __Secret: implicit_global unresolved undefined
