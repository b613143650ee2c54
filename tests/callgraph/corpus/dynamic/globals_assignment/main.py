def secret():
    return 42


globals()["alias"] = secret
alias()
