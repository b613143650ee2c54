def slow(function):
    function.slow = True
    return function


def tagged(tag):
    def apply(function):
        function.tag = tag
        return function

    return apply
