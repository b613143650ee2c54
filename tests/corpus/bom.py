first = "é"; second = first  #> first: local variable 1
if second:
    third = first  #> third: local variable 3
