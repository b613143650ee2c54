def api():
    def get():
        return 1

    def put():
        return 2

    return {"get": get, "put": put}


client = api()
client["get"]()
client["put"]()
