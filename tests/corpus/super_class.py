class Base:
    def who(self):
        return __class__  #> __class__: free class 1


class Child(Base):  #> Base: local class 1
    def who(self):
        def inner():
            return __class__, super  #> __class__: free class 6; super: builtin builtin -

        return super().who(), inner

    class Nested:
        outer = __class__  #> __class__: free class 6
