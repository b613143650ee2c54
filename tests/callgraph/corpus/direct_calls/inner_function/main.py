def outer():
    def helper(n):
        return n + 1

    def second(n):
        return helper(n)

    return helper(1) + second(2)


outer()
