def look(subject):
    match subject:
        case {"key": value, **rest}:  #> value: local variable 3; rest: local variable 3
            return value, rest
        case [first, *others]:  #> first: local variable 5; others: local variable 5
            return first, others
        case Point(x=0, y=[int() as whole]) as point:  #> whole: local variable 7; int: builtin builtin -; point: local variable 7; Point: implicit_global class 14
            return whole, point
        case (str() | bytes()) as text if text:  #> text: local variable 9
            return text
        case _:
            return None

class Point: pass

match 1:
    case one: pass  #> one: local variable 17
