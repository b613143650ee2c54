import english
import french


def greet(language):
    return language.hello()


for language in (english, french):
    greet(language)
chosen = {"fr": french}["fr"]
chosen.bye()
