print "old"
exec "x = 1"
def f((a, b)): raise ValueError, "x"
