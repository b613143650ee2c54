def flatten(nested):
    out = []

    def visit(part):
        if isinstance(part, list):
            for each in part:
                visit(each)
        else:
            out.append(part)

    visit(nested)
    return out


flatten([1, [2, [3]]])
