import argparse
import io
import json


class Encoder(json.JSONEncoder):
    def default(self, value):
        return self.simplify(value)

    def simplify(self, value):
        return str(value)


class Buffer(io.StringIO):
    def write(self, text):
        return super().write(self.clean(text))

    def clean(self, text):
        return text.strip()


# `default` is called by the library's encoder
json.dumps(object(), cls=Encoder)
Buffer().write(" x ")
parser = argparse.ArgumentParser()
