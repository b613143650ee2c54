from .app import App
from .http import Response
