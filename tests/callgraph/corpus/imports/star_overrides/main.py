from first import *
from second import *

act()
only_first()
