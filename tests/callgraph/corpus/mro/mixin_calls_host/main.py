class JsonMixin:
    def to_json(self):
        return str(self.to_dict())


class User(JsonMixin):
    def to_dict(self):
        return {"kind": "user"}


class Order(JsonMixin):
    def to_dict(self):
        return {"kind": "order"}


User().to_json()
Order().to_json()
