def toil():
    return "toil"
