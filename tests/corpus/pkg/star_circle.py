from .star_first import *
from .star_second import *

print(both)
