from state import app


@app.view
def index():
    return render("index")


def render(name):
    return name
