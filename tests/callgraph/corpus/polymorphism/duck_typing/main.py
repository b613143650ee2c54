class File:
    def write(self, text):
        return len(text)


class Socket:
    def write(self, text):
        return self.send(text)

    def send(self, text):
        return text


class Unused:
    def write(self, text):
        return None


def save(target, text):
    target.write(text)


save(File(), "a")
save(Socket(), "b")
Unused()
