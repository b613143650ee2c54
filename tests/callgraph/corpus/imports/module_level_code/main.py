import setup_things

print(setup_things.READY)
