from ..models import latest
