import tools

getattr(tools, "hammer")()
NAME = "saw"
getattr(tools, NAME)()
