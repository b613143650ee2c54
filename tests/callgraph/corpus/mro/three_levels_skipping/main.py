class A:
    def f(self):
        return self.g()

    def g(self):
        return "A.g"


class B(A):
    pass


class C(B):
    def g(self):
        return super().g()


C().f()
