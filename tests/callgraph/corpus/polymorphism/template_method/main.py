class Report:
    def build(self):
        return self.header() + self.body() + self.footer()

    def header(self):
        return "="

    def footer(self):
        return "-"


class Sales(Report):
    def body(self):
        return "sales"

    def footer(self):
        return super().footer() * 2


Sales().build()
