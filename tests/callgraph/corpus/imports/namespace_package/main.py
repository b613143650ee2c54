import space.one
from space.inner import two

space.one.go()
two.stop()
