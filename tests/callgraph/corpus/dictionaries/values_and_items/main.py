def sun():
    return "sun"


def moon():
    return "moon"


sky = {"day": sun, "night": moon}
for body in sky.values():
    body()
for when, body in sky.items():
    print(when, body())
