class A:
    tool = staticmethod(lambda: "A")


class B(A):
    pass


class C(A):
    tool = staticmethod(lambda: "C")


class D(B, C):
    def use(self):
        return self.tool()


D().use()
B().tool()
