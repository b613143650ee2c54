a = 1
b = (a,
  a)  #> a: local variable 1
def f():	return b  #> b: implicit_global variable 2
	
