import sys

if sys.version_info > (3,):
    def choose():  #> choose: local variable 4
        return 1
else:
    def choose():  #> choose: local variable 4
        return 2


def again(a):
    return a


again = decorate(again)  #> again: local variable 11; decorate: implicit_global unresolved undefined
choose()  #> choose: local variable 4


class Temperature:
    @property
    def value(self):  #> value: local attribute 21
        return self._value

    @value.setter  #> value: local attribute 21
    def value(self, to):  #> value: local attribute 21
        self._value = to
