red = 1
try:
    from fast_colors import RED
except ImportError:
    RED = red
