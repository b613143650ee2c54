def run():
    def go():
        return 1

    return locals()["go"]()


run()
