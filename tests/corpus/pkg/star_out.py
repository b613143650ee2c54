from os.path import *
from .shapes import *

join(Round, len, unknown)  #> Round: star_import class 8; join: implicit_global unresolved star_import; len: implicit_global unresolved star_import
