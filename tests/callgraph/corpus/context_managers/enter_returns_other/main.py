class Cursor:
    def execute(self):
        return "rows"


class Connection:
    def __enter__(self):
        return Cursor()

    def __exit__(self, *exc):
        return False


with Connection() as cursor:
    cursor.execute()
