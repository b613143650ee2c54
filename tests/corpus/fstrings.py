name, width = "x", 3
plain = f"{name}"  #> name: local variable 1
nested = f"{name!r:>{width}} {{not}} {name=} {plain!s}"  #> name: local variable 1; width: local variable 1
both = "a" f"{name}" rf"\{width}\N"  #> width: local variable 1
long = f"""
{name} and
  {[name for name in
    plain]}{width:{width}.{width}}
"""  #
deep = f"{f'{name}' + 'é' + f'é{width}'}"  #> name: local variable 1; width: local variable 1
call = f"é{name.upper()[0]}{(lambda q: q)(width)!a}{ {1: name}[1] }"  #> q: local parameter 11; name: local variable 1
