class Config(dict):
    def __getitem__(self, key):
        return self.clean(super().__getitem__(key))

    def clean(self, value):
        return value.strip()

    def section(self):
        return self["name"]


c = Config(name=" x ")
c.section()
c.get("name")
