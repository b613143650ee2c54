from . import make, test
from .make import *
from .test import *

__all__ = make.__all__ + test.__all__
