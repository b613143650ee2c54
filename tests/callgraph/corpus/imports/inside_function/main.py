def load(kind):
    if kind == "csv":
        from readers import read_csv as reader
    else:
        from readers import read_json as reader
    return reader()


load("csv")
load("json")
