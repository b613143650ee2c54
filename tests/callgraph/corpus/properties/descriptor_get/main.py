class Upper:
    def __init__(self, text):
        self.text = text

    def __get__(self, instance, owner):
        return self.text.upper()


class Page:
    title = Upper("home")


print(Page().title, Page.title)
