def assist():
    return "ok"
