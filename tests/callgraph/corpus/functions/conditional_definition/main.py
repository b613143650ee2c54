import sys

if sys.version_info >= (3,):

    def text(value):
        return str(value)

else:

    def text(value):
        return unicode(value)


text(1)
