def work():
    return "theirs"
