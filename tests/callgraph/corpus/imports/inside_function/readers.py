def read_csv():
    return "csv"


def read_json():
    return "json"
