class Plugin:
    plugins = []

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        cls.plugins.append(cls)
        cls.announce()

    @classmethod
    def announce(cls):
        return cls.__name__


class Csv(Plugin):
    def run(self):
        return "csv"


class Json(Plugin):
    def run(self):
        return "json"


for plugin in Plugin.plugins:
    plugin().run()
