class Page:
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __bool__(self):
        return self.valid()

    def valid(self):
        return True


page = Page([1])
if page and len(page):
    pass
print(page or None)
