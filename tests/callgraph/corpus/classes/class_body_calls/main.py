def setting(name):
    return name.upper()


class Config:
    host = setting("host")
    ports = [setting(p) for p in ("a", "b")]


print(Config.host)
