from shapes import *

square()
circle()
