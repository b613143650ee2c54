class Database:
    _instance = None

    @classmethod
    def get(cls):
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance

    def __init__(self):
        self.rows = []

    def query(self):
        return self.rows


Database.get().query()
db = Database.get()
db.query()
