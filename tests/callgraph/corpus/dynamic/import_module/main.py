import importlib

math_tools = importlib.import_module("pkg.math_tools")
math_tools.double(2)
helper = importlib.import_module(".helper", "pkg")
helper.assist()
