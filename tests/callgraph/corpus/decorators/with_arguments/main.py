def repeat(times):
    def decorate(function):
        def again(*args):
            for _ in range(times):
                function(*args)

        return again

    return decorate


@repeat(2)
def knock(door):
    return door


knock("front")
