import operator

PRECEDENCE = {"+": 1, "*": 2}
APPLY = {"+": operator.add, "*": operator.mul}


def tokenize(text):
    return text.split()


def to_rpn(tokens):
    out, stack = [], []
    for token in tokens:
        if token in PRECEDENCE:
            while stack and higher(stack[-1], token):
                out.append(stack.pop())
            stack.append(token)
        else:
            out.append(token)
    return out + stack[::-1]


def higher(a, b):
    return PRECEDENCE[a] >= PRECEDENCE[b]


def evaluate(rpn):
    stack = []
    for token in rpn:
        if token in APPLY:
            b, a = stack.pop(), stack.pop()
            stack.append(APPLY[token](a, b))
        else:
            stack.append(number(token))
    return stack[0]


def number(token):
    return int(token)


assert evaluate(to_rpn(tokenize("1 + 2 * 3 + 4"))) == 11
