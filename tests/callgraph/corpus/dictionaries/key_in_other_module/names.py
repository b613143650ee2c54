FIRST = "one"
SECOND = "two"
