from collections import namedtuple

Rule = namedtuple("Rule", "test action")


def big(n):
    return n > 10


def shrink(n):
    return n - 10


rules = [Rule(big, shrink), Rule(test=bool, action=shrink)]
for rule in rules:
    if rule.test(11):
        rule.action(11)
test, action = rules[0]
action(3)
