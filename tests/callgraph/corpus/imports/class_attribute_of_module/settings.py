mailer = None


def deliver():
    if mailer is not None:
        return mailer.send()
    return None
