import engine.parts as parts
from engine import parts as same

start = parts.start
start()
same.stop()
