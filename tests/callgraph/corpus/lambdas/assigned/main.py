inc = lambda n: n + 1
inc(2)
