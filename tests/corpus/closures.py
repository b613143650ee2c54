def outer(x, y):  #> x: cell parameter 1; y: local parameter 1
    z = y  #> z: cell variable 2; y: local parameter 1

    def middle():  #> middle: local function 4
        def inner(y=x):  #> x: free parameter 1; y: local parameter 5
            nonlocal z  #> z: free variable 2
            z += y  #> z: free variable 2; y: local parameter 5
            return z

        return inner

    return middle


def counter():
    count = 0  #> count: cell variable 16

    def step():
        nonlocal count  #> count: free variable 16
        count = count + 1  #> count: free variable 16
        del count  #> count: free variable 16

    return step
