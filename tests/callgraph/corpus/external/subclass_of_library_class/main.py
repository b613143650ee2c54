import string


class Shout(string.Formatter):
    def format_field(self, value, spec):
        return self.loud(value)

    def loud(self, value):
        return str(value).upper()


# the library's `format` calls the hook
Shout().format("{}", "x")
