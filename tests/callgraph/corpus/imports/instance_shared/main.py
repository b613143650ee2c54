from state import app
import views

app.handle("index")
