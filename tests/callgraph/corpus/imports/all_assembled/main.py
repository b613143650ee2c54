from toolkit import *

build()
check()
