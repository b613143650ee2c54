class Response:
    def __init__(self, text, status=200):
        self.text = text
        self.status = status

    def body(self):
        return self.text


class NotFound(Response):
    def __init__(self):
        super().__init__("none", 404)
