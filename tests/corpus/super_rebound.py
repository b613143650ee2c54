class Odd:
    def rebind(self):
        nonlocal __class__  #> __class__: free class 1
        __class__ = 1  #> __class__: free class 1

    def read(self):
        return __class__  #> __class__: free class 1


class Own:
    __class__ = Odd  #> __class__: local attribute 11; Odd: implicit_global class 1
