class Match:
    def group(self):
        return "g"


def search(text):
    return Match() if text else None


def first(text):
    if m := search(text):
        return m.group()
    return fallback()


def fallback():
    return ""


first("a")
first("")
