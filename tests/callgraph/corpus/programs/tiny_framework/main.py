from web import App, Response

app = App()


@app.get("/")
def index(request):
    return Response("home")


@app.get("/user")
def user(request):
    return fetch_user(request).to_response()


class User:
    def to_response(self):
        return Response("user")


def fetch_user(request):
    return User()


app.use(lambda request, call: call(request))
for path in ("/", "/user", "/none"):
    app(path).body()
