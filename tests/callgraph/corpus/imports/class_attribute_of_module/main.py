import settings


class Mailer:
    def send(self):
        return "sent"


settings.mailer = Mailer()
settings.mailer.send()
settings.deliver()
