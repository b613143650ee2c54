class Shelf:
    def __init__(self, *books):
        self.books = books

    def __iter__(self):
        for book in self.books:
            yield book


class Book:
    def open(self):
        return "pages"


for book in Shelf(Book(), Book()):
    book.open()
