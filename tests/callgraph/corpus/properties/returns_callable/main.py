class Mailer:
    @property
    def sender(self):
        return send

    @property
    def backend(self):
        return Smtp()


class Smtp:
    def push(self):
        return 1


def send(text):
    return text


m = Mailer()
m.sender("hi")
m.backend.push()
