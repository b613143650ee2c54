class Tag:
    def __new__(cls, text):
        self = super().__new__(cls)
        return self

    def __init__(self, text):
        self.text = text


Tag("x")
