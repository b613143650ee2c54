import re


def double(match):
    return match.group() * 2


print(re.sub("[a-z]", double, "abc"))
pattern = re.compile("x")
pattern.sub(lambda m: double(m), "axa")
