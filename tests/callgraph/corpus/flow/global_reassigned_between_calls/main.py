def json_codec(data):
    return "json"


def xml_codec(data):
    return "xml"


def save(data):
    return codec(data)


codec = json_codec
save(1)
codec = xml_codec
save(2)
