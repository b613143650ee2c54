from kit import parse

parse("x")
