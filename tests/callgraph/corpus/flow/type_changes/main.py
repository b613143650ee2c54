class Draft:
    def publish(self):
        return Published()


class Published:
    def archive(self):
        return Archived()


class Archived:
    def publish(self):
        return self


doc = Draft()
doc = doc.publish()
doc = doc.archive()
doc.publish()
