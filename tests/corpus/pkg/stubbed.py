def typed(a): return a
