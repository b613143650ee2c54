from app.views.home import page

page()
