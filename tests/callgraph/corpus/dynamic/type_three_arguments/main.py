def speak(self):
    return "dynamic"


Animal = type("Animal", (), {"speak": speak})
Animal().speak()
