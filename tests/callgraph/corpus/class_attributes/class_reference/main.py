class JsonRenderer:
    def render(self):
        return "{}"


class HtmlRenderer:
    def render(self):
        return "<>"


class View:
    renderer_class = JsonRenderer

    def get_renderer(self):
        return self.renderer_class()

    def respond(self):
        return self.get_renderer().render()


class Page(View):
    renderer_class = HtmlRenderer


View().respond()
Page().respond()
